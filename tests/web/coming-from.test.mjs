// The tables of docs/guides/coming-from.md, against the classes that they are about.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import * as lamella from '../../dist/index.js';
import { furtherLayers } from '../../dist/graph.js';
import { root } from '../markdown.mjs';

const page = readFileSync(join(root, 'docs/guides/coming-from.md'), 'utf8');

/** The rows of the table under a heading, without its first two: the cells' texts. */
function rowsOf(heading) {
  const [, section] = page.split(`\n## ${heading}\n`);
  const lines = section.split('\n## ')[0].split('\n');
  return lines
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').slice(1, -1));
}

/** The class that the first cell of a row names. */
const classOf = ([cell]) => /`(\w+)/.exec(cell)[1];

beforeAll(() => lamella.init());

test('every layer has a row, with the names by which it comes from Keras', () => {
  const rows = rowsOf('Layers');
  const { layerClasses } = lamella;
  expect([...new Set(rows.map(classOf))].sort()).toEqual(
    layerClasses.map(({ type }) => type).sort(),
  );
  for (const { type, keras = {} } of layerClasses) {
    const cells = rows.filter((row) => classOf(row) === type).join();
    expect(Object.keys(keras).filter((name) => !cells.includes(name))).toEqual([]);
  }
});

test('every layer of lamella/graph has a row', () => {
  const names = rowsOf('Layers of lamella/graph')
    .map(([cell]) => cell)
    .join();
  const missing = furtherLayers.filter(({ type }) => !new RegExp(`\\b${type}\\(`).test(names));
  expect(missing.map(({ type }) => type)).toEqual([]);
});

test('every loss has a row that says whether it is a sum', () => {
  const output = lamella.tensor([[0, 0]]);
  const rows = rowsOf('Losses');
  const isLoss = (value) => value?.prototype instanceof lamella.Loss;
  const names = Object.values(lamella)
    .filter(isLoss)
    .map(({ name }) => name);
  expect(rows.map(classOf).sort()).toEqual(names.sort());
  for (const row of rows.filter((each) => !classOf(each).includes('Categorical'))) {
    const loss = new lamella[classOf(row)]();
    const one = loss.value(lamella.tensor([[0]]), lamella.tensor([[1]]));
    const two = loss.value(output, lamella.tensor([[1, 1]]));
    expect([classOf(row), row[0].includes('a sum')]).toEqual([classOf(row), two > 1.5 * one]);
  }
});

test('MAE and RMSE are sums over the outputs', () => {
  expect(page).toContain("`MAE` and `RMSE` are sums over a sample's outputs");
  const [predicted, expected] = [lamella.tensor([[0, 0]]), lamella.tensor([[1, 1]])];
  expect(new lamella.MAE().compute(predicted, expected)).toBe(2);
  expect(new lamella.RMSE().compute(predicted, expected)).toBeCloseTo(Math.SQRT2, 6);
});

test('the defaults of the optimizers are what the table says', () => {
  for (const row of rowsOf('Optimizers')) {
    const [, name, options] = /`(\w+)\(\{ (.*) \}\)`/.exec(row[0]);
    const defaults = new lamella[name]().getConfig();
    for (const pair of options.split(', ')) {
      const [option, value] = pair.split(': ');
      expect([option, String(defaults[option] ?? false)]).toEqual([
        option,
        String(JSON.parse(value)),
      ]);
    }
  }
});

test('the defaults of layers that surprise are what the page says', () => {
  const config = (name) => new lamella[name]().getConfig();
  const number = (pattern) => Number(pattern.exec(page)[1]);
  expect(number(/`momentum: ([\d.]+)` of a batch normalization/)).toBe(
    config('BatchNormalization').momentum,
  );
  expect(number(/old statistics, epsilon ([\de-]+)/)).toBe(config('BatchNormalization').epsilon);
  expect(number(/has an `axis`; epsilon ([\de-]+)/)).toBe(config('LayerNormalization').epsilon);
  expect(number(/`LeakyReLU` has alpha ([\d.]+)/)).toBe(config('LeakyReLU').alpha);
});
