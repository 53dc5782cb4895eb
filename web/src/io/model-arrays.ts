import { ValueError } from '../runtime/errors.js';
import type { FileArray } from './file-array.js';
import type { Names } from './model-file.js';
import type { ModelSnapshot } from './snapshot.js';

/**
 * The arrays of a model: parameters, states and, where the format has it, the optimizer's.
 * @throws {@link ValueError} where the format's names for two of them are one, and for an optimizer
 * of parameters that are no more.
 */
export function modelArrays(
  { layers, optimizer }: ModelSnapshot,
  names: Names,
): Map<string, FileArray> {
  const arrays = new Map<string, FileArray>();
  const add = (name: string, array: FileArray): void => {
    if (arrays.has(name)) {
      throw new ValueError(
        `the model cannot be saved: two of its arrays would be '${name.slice(0, 100)}'; ` +
          'a parameter and a state of a layer need names of their own',
      );
    }
    arrays.set(name, array);
  };
  for (const [i, { params, state }] of layers.entries()) {
    for (const [name, array] of Object.entries(params)) add(names.param(i, name), array);
    for (const [name, array] of Object.entries(state)) add(names.state(i, name), array);
  }
  if (names.optimizer !== undefined) {
    for (const [name, array] of Object.entries(optimizer?.state ?? {})) {
      // As after initWeights(method, true), which takes the biases away.
      if (!arrays.has(name.slice(name.indexOf('layer_')))) {
        throw new ValueError('the model cannot be saved: its optimizer must be a new one');
      }
      add(names.optimizer + name, array);
    }
  }
  return arrays;
}
