// Messages of errors: short whatever was given, and of one style.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  ArgumentTypeError,
  confusionMatrix,
  Dense,
  FormatError,
  init,
  LamellaError,
  Layer,
  layerFromConfig,
  lossFromConfig,
  Model,
  MSE,
  oneHot,
  optimizerFromConfig,
  ReLU,
  RMSE,
  scheduleFromConfig,
  SGD,
  ShapeError,
  type Tensor,
  ValueError,
  zeros,
} from 'lamella';
import { expectError, rejection } from './support.js';

beforeAll(() => init());

const long = 'x'.repeat(100_000);
const deep = Array.from({ length: 300 }, () => Array.from({ length: 300 }, (_, i) => i));
const model = (): Model =>
  new Model([new Dense(1, { inputSize: 1 })], { loss: new MSE(), optimizer: new SGD() });
const named = (name: string): Layer => {
  class Named extends Layer {
    override get type(): string {
      return name;
    }
    forward(): Tensor {
      return name as unknown as Tensor;
    }
    backward(gradient: Tensor): Tensor {
      return gradient;
    }
  }
  return new Named();
};

describe('a message has at most 300 characters', () => {
  const given: [string, unknown][] = [
    ['a long text', long],
    ['nested arrays', deep],
    ['a long list', new Array<number>(1e5).fill(1)],
    ['a typed array', new Float64Array(1e6)],
    ['a function', Object.assign(() => 1, { toString: () => long })],
    ['an object that is a long text', { toString: () => long }],
    ['an error', new Error(long)],
    ['a big number', 10n ** 2000n],
    ['a symbol', Symbol(long)],
    ['halves of characters', '🦋'.repeat(50_000)],
  ];
  test.each(given)('%s', async (_, value) => {
    const any = value as never;
    const calls: (() => unknown)[] = [
      () => new Adam(any),
      () => new Adam({ learningRate: any }),
      () => new Adam({ [String(value)]: 1 }),
      () => new Dense(any),
      () => new Dense(1, { initialization: any }),
      () => new Dense(1, { inputShape: any }),
      () => new Model(any),
      () => new Model([new Dense(1)], { inputShape: any }),
      () => new Model([new ReLU()], { loss: any }),
      () => new Model([new ReLU()], { seed: any }),
      () => model().predict(any),
      () => model().trainBatch(any, any),
      () => model().train(any, any),
      () => model().train([[1]], [[1]], { signal: any }),
      () => model().train([[1]], [[1]], { metrics: any }),
      () => model().evaluate([[1]], [[1]], { batchSize: any }),
      () => zeros([1]).set(any),
      () => zeros([1]).reshape(any),
      () => zeros(any),
      () => oneHot([1], any),
      () => oneHot(any, 1),
      () => new RMSE().compute(any, any),
      () => confusionMatrix(any, any),
      () => layerFromConfig(any),
      () => layerFromConfig({ type: any }),
      () => lossFromConfig({ type: any }),
      () => optimizerFromConfig({ type: any }),
      () => scheduleFromConfig({ type: any }),
      () => new Dense(1, { inputSize: 1 }).loadParams({ [String(value)]: [1] }),
      () => new Dense(1, { inputSize: 1 }).loadParams(any),
      () => new Model([named(String(value))], { inputShape: [1] }).predict([[1]]),
    ];
    for (const [i, call] of calls.entries()) {
      const start = performance.now();
      let error: unknown;
      try {
        error = await rejection(call);
      } catch {
        continue; // A long list is a fine one here and there.
      }
      expect([i, error]).toEqual([i, expect.any(LamellaError)]);
      const { message } = error as LamellaError;
      expect(message.length).toBeLessThanOrEqual(300);
      expect(message).not.toMatch(/\p{Surrogate}/u);
      expect(performance.now() - start).toBeLessThan(5000);
    }
  });

  test('of which the beginning and the end stay', () => {
    const { message } = new ValueError(`Owner: begins ${long} ends`);
    expect(message.length).toBe(300);
    expect(message).toMatch(/^Owner: begins x+…x+ ends$/);
    const { message: other } = new FormatError(long, `is damaged ${long} here`);
    expect(other).toMatch(/^x+…x+: is damaged x+…x+ here$/);
    expect(new ShapeError('short').message).toBe('short');
  });
});

test.each<[string, unknown]>([
  ["'3'", '3'],
  ['3n', 3n],
  ['[1, 2]', [1, 2]],
  ['Array(9)', Array(9)],
  ['[object Float32Array]', new Float32Array(2)],
  ['null', null],
  ['[object Object]', Object.create(null)],
])('%s is how a message shows it', (shown, seed) => {
  expectError(
    () => new Model([new ReLU()], { seed: seed as number }),
    ArgumentTypeError,
    `Model: seed must be a whole number of at least 0, got ${shown}`,
  );
});
