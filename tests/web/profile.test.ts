import { beforeAll, expect, test } from '@jest/globals';
import {
  BatchNormalization2D,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  Flatten,
  init,
  Model,
  MSE,
  SGD,
  StateError,
  tensor,
  ValueError,
  zeros,
} from 'lamella';

beforeAll(async () => {
  await init();
});

const layers = () => [
  new Convolutional(4, 3, { inputShape: [2, 8, 8], padding: 'same' }),
  new BatchNormalization2D(),
  new Flatten(),
  new Dense(3),
];
const x = () =>
  tensor(
    Float32Array.from({ length: 5 * 128 }, (_, i) => Math.sin(i)),
    [5, 2, 8, 8],
  );
const y = () => tensor([0, 1, 2, 0, 1].map((label) => [0, 1, 2].map((c) => Number(c === label))));

test('profile times every layer and leaves weights and running means alone', () => {
  using model = new Model(layers(), { loss: new CategoricalCrossEntropy(), seed: 3 });
  const numbers = () =>
    model.layers.flatMap((layer) => [
      ...Object.values(layer.params).map(({ value }) => value.toArray()),
      ...Object.values(layer.state).map((value) => value.toArray()),
    ]);
  const before = numbers();
  const profile = model.profile(x(), y(), { repeats: 3 });
  expect(numbers()).toEqual(before);
  expect(profile.map(({ type }) => type)).toEqual(model.layers.map(({ type }) => type));
  for (const layer of profile) {
    expect(layer.forwardMilliseconds).toBeGreaterThanOrEqual(0);
    expect(layer.backwardMilliseconds).toBeGreaterThanOrEqual(0);
  }
  // 2 * batch * weights * positions operations, in the time stated.
  const [convolution, normalization, , dense] = profile;
  const operations = (2 * 5 * (4 * 2 * 9) * 64) / 1e6;
  expect(convolution?.forwardGflops).toBeCloseTo(
    operations / (convolution?.forwardMilliseconds ?? 0),
    6,
  );
  expect(dense?.backwardGflops).toBeCloseTo(
    (2 * 2 * 5 * 256 * 3) / 1e6 / (dense?.backwardMilliseconds ?? 0),
    6,
  );
  expect(normalization).not.toHaveProperty('forwardGflops');
});

test('profile needs a loss and at least one repeat', () => {
  using silent = new Model(layers());
  expect(() => silent.profile(zeros([1, 2, 8, 8]), zeros([1, 3]))).toThrow(StateError);
  using model = new Model(layers(), { loss: new CategoricalCrossEntropy() });
  expect(() => model.profile(x(), y(), { repeats: 0 })).toThrow(ValueError);
});

test('profile takes what train takes, and refuses other shapes by its name', () => {
  const model = new Model([new Dense(2)], {
    inputShape: [3],
    loss: new MSE(),
    optimizer: new SGD(),
  });
  expect(model.profile([[1, 2, 3]], [[1, 0]], { repeats: 1 })).toHaveLength(1);
  for (const [x, y, named] of [
    [zeros([2, 4]), zeros([2, 2]), 'Model.profile: x must have shape [samples, 3], got [2, 4]'],
    [zeros([2, 3]), zeros([2, 5]), 'Model.profile: y must have shape [samples, 2], got [2, 5]'],
  ] as const) {
    expect(() => model.profile(x, y)).toThrow(named);
  }
});
