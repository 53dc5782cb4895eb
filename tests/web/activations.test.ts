// Activations where the golden numbers have nothing: extremes, NaN, ties, ranks.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { init, type Layer, PReLU, ReLU, Sigmoid, Softmax, Swish, Tanh, tensor } from 'lamella';
import { noise, values } from './support.js';

beforeAll(() => init());

const extremes = [-Infinity, -1e38, -100, -1e-40, 0, 1e-40, 100, 1e38, Infinity];

function run(layer: Layer, inputs: readonly number[]): { outputs: number[]; slopes: number[] } {
  const row = [1, inputs.length];
  const outputs = values(layer.forward(tensor([...inputs], row)));
  const slopes = values(layer.backward(tensor(new Array<number>(inputs.length).fill(1), row)));
  return { outputs, slopes };
}

const make = {
  ReLU: () => new ReLU(),
  PReLU: () => new PReLU({ alpha: 0.5 }),
  Sigmoid: () => new Sigmoid(),
  Tanh: () => new Tanh(),
  Swish: () => new Swish(),
};

test('saturate without NaN', () => {
  const finite = extremes.filter(Number.isFinite);
  for (const layer of Object.values(make)) {
    const { outputs, slopes } = run(layer(), finite);
    expect([...outputs, ...slopes].filter(Number.isNaN)).toEqual([]);
  }
  expect(run(make.Sigmoid(), extremes).outputs).toEqual([
    0,
    0,
    expect.any(Number),
    0.5,
    0.5,
    0.5,
    1,
    1,
    1,
  ]);
  expect(run(make.Tanh(), [-Infinity, -100, 100, Infinity]).outputs).toEqual([-1, -1, 1, 1]);
  expect(run(make.Swish(), [-1e38, -200, 200]).outputs.map(Math.abs)).toEqual([0, 0, 200]);
});

test.each(Object.entries(make))('%s passes NaN on', (_, layer) => {
  const { outputs } = run(layer(), [1, NaN, -1, 2, 3, NaN]);
  expect(outputs.map(Number.isNaN)).toEqual([false, true, false, false, false, true]);
});

test('have the specified slopes at 0', () => {
  expect(run(make.ReLU(), [0, -0]).slopes).toEqual([0, 0]);
  expect(run(make.PReLU(), [0, -0]).slopes).toEqual([0.5, 0.5]);
});

test('PReLU selects, so that alpha may be above 1', () => {
  expect(run(new PReLU({ alpha: 2 }), [1, -1])).toEqual({ outputs: [1, -2], slopes: [1, 2] });
});

test.each(Object.entries(make))('%s is elementwise, whatever the rank', (_, layer) => {
  const images = noise([2, 3, 4, 5]);
  const outputs = layer().forward(images);
  expect(outputs.shape).toEqual([2, 3, 4, 5]);
  expect(values(outputs)).toEqual(values(layer().forward(images.reshape([2, 60]))));
});

describe('Softmax', () => {
  const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

  test('sums to 1 for any finite logits', () => {
    for (const logits of [
      [1e38, -1e38, 0],
      [1000, 1001, 1002],
      [-1000, -1000, -1000],
    ]) {
      const { outputs, slopes } = run(new Softmax(), logits);
      expect(sum(outputs)).toBeCloseTo(1, 6);
      // One more on every logit changes nothing.
      for (const slope of slopes) expect(slope).toBeCloseTo(0, 6);
    }
  });

  test('is flatter at a higher temperature', () => {
    const at = (temperature: number): number[] =>
      run(new Softmax({ temperature }), [0, Math.log(4)]).outputs;
    expect(at(1)[1]).toBeCloseTo(0.8, 6);
    expect(at(2)[1]).toBeCloseTo(2 / 3, 6);
  });

  test('works over the channels of an image', () => {
    const output = new Softmax().forward(noise([2, 3, 2, 2]));
    const view = output.view();
    for (let image = 0; image < 2; image++) {
      for (let pixel = 0; pixel < 4; pixel++) {
        const channels = [0, 1, 2].map((c) => view[image * 12 + c * 4 + pixel] as number);
        expect(sum(channels)).toBeCloseTo(1, 6);
      }
    }
  });
});
