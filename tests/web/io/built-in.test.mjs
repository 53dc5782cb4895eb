// io/built-in.ts names the classes that the registries know, which it must not import.
import { expect, test } from '@jest/globals';
import { layerFromConfig, lossFromConfig, optimizerFromConfig } from 'lamella';
import { isBuiltIn } from '../../../web/src/io/built-in.ts';

/** The classes that a registry names when it is asked for another. */
function known(fromConfig) {
  try {
    fromConfig({ type: 'Nothing' });
  } catch ({ message }) {
    return /known are: ([\w, ]+)/.exec(message)[1].split(', ');
  }
  throw new Error('it knows Nothing');
}

test.each([
  ['layers', layerFromConfig, 20],
  ['losses', lossFromConfig, 5],
  ['optimizers', optimizerFromConfig, 4],
])('%s', (_, fromConfig, least) => {
  const names = known(fromConfig);
  expect(names.length).toBeGreaterThanOrEqual(least);
  expect(names.filter((name) => !isBuiltIn(name))).toEqual([]);
  expect(isBuiltIn('Nothing')).toBe(false);
});
