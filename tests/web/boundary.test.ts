// Values that cross to the engine and back arrive as they were meant.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  ArgumentTypeError,
  CategoricalCrossEntropy,
  Dense,
  init,
  Model,
  oneHot,
  Residual,
  SGD,
  type Shape,
  tensor,
  ValueError,
} from 'lamella';
import { expectError, expectRejection, numbers } from './support.js';

beforeAll(() => init());

test('a boolean is true or false and nothing that is so to JavaScript', () => {
  const dense = new Dense(2, { inputSize: 3 });
  const input = tensor([[1, 2, 3]]);
  for (const value of ['yes', 2, 0, '', {}] as unknown as boolean[]) {
    for (const call of [
      () => (dense.trainable = value),
      () => dense.forward(input, value),
      () => {
        dense.initWeights('he', value);
      },
      () => new Dense(2, { noBias: value }),
    ]) {
      expectError(call, ArgumentTypeError, 'Dense', 'must be true or false');
    }
  }
  expect(dense.trainable).toBe(true);
  expect(dense.noBias).toBe(false);
});

test('numbers stand in messages as they were given', () => {
  expectError(() => new Dense(1234567.5), ValueError, 'Dense: outputSize', 'got 1234567.5');
  expectError(() => new Dense(2 ** 31), ValueError, 'Dense: outputSize', 'got 2147483648');
  expectError(() => new Dense(-1e-7), ValueError, 'Dense: outputSize', 'got -1e-7');
  expectError(() => new Dense(NaN), ValueError, 'Dense: outputSize', 'got NaN');
  expectError(() => new SGD({ learningRate: -Infinity }), ValueError, 'got -Infinity');
});

test('settings of a type that none has are named, and described', () => {
  const initialization = { he: true } as unknown as 'he';
  const wanted = ['Dense: initialization must be a string', 'got [object Object]'];
  expectError(() => new Dense(3, { initialization }), ArgumentTypeError, ...wanted);
});

describe('a model refuses', () => {
  test.each([0, '', false, null, 3])('%p as input shape', (given) => {
    const inputShape = given as unknown as Shape;
    const wanted = ['inputShape must be an array of whole numbers', `got ${String(given)}`];
    expectError(() => new Model([new Dense(2)], { inputShape }), ArgumentTypeError, ...wanted);
    expectError(() => new Residual([new Dense(2)], { inputShape }), ArgumentTypeError, ...wanted);
  });

  test('class weights that are no numbers', async () => {
    const model = new Model([new Dense(2, { inputSize: 2 })], {
      loss: new CategoricalCrossEntropy(),
      optimizer: new SGD(),
    });
    const train = (classWeights: unknown): Promise<unknown> =>
      model.train(tensor(numbers(8), [4, 2]), oneHot([0, 1, 1, 0], 2), {
        classWeights: classWeights as number[],
      });
    for (const wrong of [5, 'ab', { 0: 1, 1: 2 }]) {
      await expectRejection(() => train(wrong), ArgumentTypeError, 'Model.train: classWeights');
    }
    for (const wrong of [
      ['1', 2],
      [null, 1],
      [true, 1],
    ]) {
      await expectRejection(() => train(wrong), ValueError, 'Model.train: classWeights');
    }
    await train(Float32Array.of(1, 2));
  });
});
