// Schedules, early stopping, class weights, metrics, freezing, labels, losses and layers of one's own.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Accuracy,
  Adam,
  AdamW,
  ArgumentTypeError,
  BatchNormalization,
  CategoricalCrossEntropy,
  type Config,
  Convolutional,
  CosineDecay,
  Dense,
  type EpochResult,
  GlobalAveragePooling2D,
  init,
  Layer,
  layerFromConfig,
  layerToConfig,
  Loss,
  Model,
  MSE,
  oneHot,
  type Parameter,
  ReLU,
  Residual,
  scheduleFromConfig,
  SGD,
  ShapeError,
  SparseCategoricalCrossEntropy,
  StepDecay,
  type Tensor,
  tensor,
  type TrainOptions,
  ValueError,
  WarmUp,
  registerLayer,
  zeros,
} from 'lamella';
import { expectError, noise, paramValues, rejection, separable, values } from './support.js';

beforeAll(() => init());

const classifier = (loss: Loss = new CategoricalCrossEntropy()): Model =>
  new Model([new Dense(8, { inputSize: 2 }), new ReLU(), new Dense(2)], {
    loss,
    optimizer: new SGD({ learningRate: 0.1 }),
    seed: 3,
  });

const weights = (model: Model): unknown => model.layers.map(paramValues);

describe('schedules', () => {
  test('StepDecay falls every so many steps', () => {
    const schedule = new StepDecay({ initial: 0.8, factor: 0.5, every: 3 });
    expect([0, 2, 3, 5, 6].map((step) => schedule.rate(step))).toEqual([0.8, 0.8, 0.4, 0.4, 0.2]);
    expect(new StepDecay({ initial: 1, every: 1 }).rate(1)).toBe(0.1);
  });

  test('CosineDecay is half a cosine', () => {
    const schedule = new CosineDecay({ initial: 0.5, final: 0.1, steps: 40 });
    for (let step = 0; step <= 50; step++) {
      const share = Math.min(step / 40, 1);
      const wanted = 0.1 + (0.4 * (1 + Math.cos(Math.PI * share))) / 2;
      expect(Math.abs(schedule.rate(step) - wanted)).toBeLessThan(1e-15);
    }
    expect(schedule.rate(0)).toBe(0.5);
    expect(new CosineDecay({ initial: 1, steps: 2 }).rate(2)).toBe(0);
  });

  test('WarmUp rises to another schedule', () => {
    const schedule = new WarmUp({ steps: 4, schedule: new StepDecay({ initial: 1, every: 2 }) });
    expect([0, 1, 2, 3, 4, 5, 6].map((step) => schedule.rate(step))).toEqual([
      0.25, 0.5, 0.75, 1, 1, 1, 0.1,
    ]);
  });

  test('are plain data', () => {
    const schedule = new WarmUp({ steps: 4, schedule: new CosineDecay({ initial: 1, steps: 9 }) });
    const again = scheduleFromConfig(JSON.parse(JSON.stringify(schedule.getConfig())) as Config);
    for (const step of [0, 4, 7, 99]) expect(again.rate(step)).toBe(schedule.rate(step));
    expect(again.getConfig()).toEqual(schedule.getConfig());
    const fall = new StepDecay({ initial: 1, every: 2 });
    expect(scheduleFromConfig(fall.getConfig()).rate(2)).toBe(0.1);
    expectError(() => scheduleFromConfig({ type: 'Other' }), ValueError, "'Other'");
  });

  test('refuse numbers out of range', () => {
    for (const initial of [-1, NaN, Infinity]) {
      expectError(() => new StepDecay({ initial, every: 1 }), ValueError, 'StepDecay: initial');
      expectError(() => new CosineDecay({ initial, steps: 1 }), ValueError, 'CosineDecay: initial');
    }
    expectError(() => new StepDecay({ initial: 1, every: 0 }), ValueError, 'every', '0');
    expectError(() => new CosineDecay({ initial: 1, steps: 1.5 }), ValueError, 'steps', '1.5');
  });

  test('set the rate of every step by the number of steps before', async () => {
    const { x, y } = separable(20);
    const schedule = new StepDecay({ initial: 0.1, factor: 0.5, every: 3 });
    const model = classifier();
    const rates: number[] = [];
    await model.train(x, y, {
      schedule,
      epochs: 2,
      batchSize: 5,
      onBatch: () => rates.push(model.optimizer?.learningRate as number),
    });
    expect(rates).toEqual([0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025]);
    // Trained in two parts, it ends the same.
    const parts = classifier();
    for (let part = 0; part < 2; part++) await parts.train(x, y, { schedule, batchSize: 5 });
    expect(weights(parts)).toEqual(weights(model));
  });
});

describe('early stopping', () => {
  /** A model whose validation loss is what it is told to be. */
  const told = async (
    losses: number[],
    options: TrainOptions,
  ): Promise<{ results: EpochResult[]; kept: number }> => {
    // The only weight is 0.5 * the epoch; the loss of validation is looked up by it.
    class Told extends Loss {
      override value(output: Tensor): number {
        return losses[Math.round(output.view()[0] as number) - 1] ?? NaN;
      }
      override gradient(output: Tensor): Tensor {
        const gradient = output.clone();
        gradient.view().fill(-1);
        return gradient;
      }
    }
    const model = new Model([new Dense(1, { inputSize: 1, noBias: true })], {
      loss: new Told(),
      optimizer: new SGD({ learningRate: 1, momentum: 0, weightDecay: 0 }),
    });
    const weight = model.layers[0]?.params['weights']?.value as Tensor;
    weight.set([0]);
    const x = tensor([[1]]);
    const results = await model.train(x, x, {
      epochs: losses.length,
      validationData: { x, y: x },
      // The loss of the first step, with weight 0, is NaN.
      onNonFinite: 'continue',
      ...options,
    });
    return { results, kept: weight.view()[0] as number };
  };

  test('stops after so many epochs without a better one', async () => {
    const losses = [5, 3, 4, 3.5, 2, 2, 2, 1];
    const all = await told(losses, {});
    expect(all.results.map(({ validationLoss }) => validationLoss)).toEqual(losses);
    expect(all.results.map(({ best }) => best)).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
      false,
      true,
    ]);
    expect((await told(losses, { patience: 1 })).results).toHaveLength(3);
    expect((await told(losses, { patience: 2 })).results).toHaveLength(4);
    expect((await told(losses, { patience: 3 })).results).toHaveLength(8);
  });

  test('may end with the best weights', async () => {
    const losses = [5, 3, 4, 4];
    expect((await told(losses, {})).kept).toBe(4);
    expect((await told(losses, { restoreBest: true })).kept).toBe(2);
    expect((await told(losses, { restoreBest: true, patience: 1 })).kept).toBe(2);
    expect((await told([3, 2, 1], { restoreBest: true })).kept).toBe(3);
  });

  test('wants a whole number', async () => {
    for (const patience of [0, 1.5, NaN]) {
      const error = await rejection(() => told([1], { patience }));
      expectError(
        () => {
          throw error as Error;
        },
        ValueError,
        'Model.train: patience',
        String(patience),
      );
    }
  });
});

test('class weights multiply what a class adds, in training only', async () => {
  const { x, y } = separable(30);
  const still = (): Model =>
    new Model([new Dense(2, { inputSize: 2 })], {
      loss: new CategoricalCrossEntropy(),
      optimizer: new SGD({ learningRate: 0 }),
    });
  const run = async (classWeights?: number[]): Promise<EpochResult> => {
    const [result] = await still().train(x, y, { classWeights, validationData: { x, y } });
    return result as EpochResult;
  };
  const [plain, first, second, both] = [
    await run(),
    await run([1, 0]),
    await run([0, 1]),
    await run([2, 3]),
  ];
  expect(first.loss + second.loss).toBeCloseTo(plain.loss, 6);
  expect(both.loss).toBeCloseTo(2 * first.loss + 3 * second.loss, 5);
  expect(both.validationLoss).toBe(plain.validationLoss);
  for (const wrong of [[1], [1, -1], [1, NaN], ['a', 1] as unknown as number[]]) {
    const error = await rejection(() => run(wrong));
    expect(error).toBeInstanceOf(ValueError);
    expect((error as Error).message).toContain('classWeights');
  }
});

test('train computes metrics over the validation samples', async () => {
  const { x, y } = separable(200);
  const model = classifier();
  const [result] = await model.train(x, y, { metrics: [new Accuracy()], validationSplit: 0.9 });
  expect(result?.metrics?.['Accuracy']).toBeCloseTo(result?.validationAccuracy as number, 12);
  const error = await rejection(() => model.train(x, y, { metrics: [new Accuracy()] }));
  expect(error).toBeInstanceOf(ValueError);
});

describe('sparse labels', () => {
  test('train bit for bit as one-hot rows, in every form', async () => {
    const { x, y, labels } = separable(40);
    const dense = classifier();
    await dense.train(x, y, { epochs: 2, validationSplit: 0.2 });
    const forms: (number[] | Int32Array | Tensor)[] = [
      labels,
      Int32Array.from(labels),
      tensor(labels),
      tensor(labels, [40, 1]),
    ];
    for (const form of forms) {
      const sparse = classifier(new SparseCategoricalCrossEntropy());
      await sparse.train(x, form, { epochs: 2, validationSplit: 0.2 });
      expect(weights(sparse)).toEqual(weights(dense));
      expect(sparse.evaluate(x, form)).toEqual(dense.evaluate(x, y));
    }
  });

  test('must be classes', () => {
    const loss = new SparseCategoricalCrossEntropy();
    expectError(() => loss.value(zeros([1, 3]), tensor([3])), ValueError, '0 to 2', '3');
    expectError(() => loss.value(zeros([2, 3]), tensor([1])), ShapeError, '[2]', '[1]');
    const model = classifier(loss);
    expectError(() => model.evaluate(noise([3, 2]), oneHot([0, 1, 1], 2)), ShapeError, 'y must');
  });
});

describe('frozen layers', () => {
  test('stay as they are until thawed', () => {
    const model = classifier();
    const { x, y } = separable(10);
    const [first, , last] = model.layers as [Layer, Layer, Layer];
    first.trainable = false;
    expect(first.trainable).toBe(false);
    const before = [paramValues(first), paramValues(last)];
    model.trainBatch(x, y);
    expect(paramValues(first)).toEqual(before[0]);
    expect(paramValues(last)).not.toEqual(before[1]);
    first.trainable = true;
    model.trainBatch(x, y);
    expect(paramValues(first)).not.toEqual(before[0]);
  });

  test('stay in a step without a model, and normalize as in inference', () => {
    const layer = new BatchNormalization({ inputShape: [3] });
    const x = noise([4, 3]);
    layer.forward(x);
    const inference = values(layer.forward(x, false));
    layer.trainable = false;
    expect(values(layer.forward(x))).toEqual(inference);
    layer.backward(noise([4, 3], 2));
    const before = paramValues(layer);
    new SGD({ learningRate: 1 }).step([layer]);
    expect(paramValues(layer)).toEqual(before);
  });
});

test('AdamW shrinks weights before the step, biases not at all', () => {
  const layer = new Dense(1, { inputSize: 1 });
  layer.weights.set([2]);
  layer.biases?.set([2]);
  layer.forward(tensor([[0]]));
  layer.backward(tensor([[0]]));
  new AdamW({ learningRate: 0.5, weightDecay: 0.25 }).step([layer]);
  expect(values(layer.weights)).toEqual([1.75]);
  expect(values(layer.biases as Tensor)).toEqual([2]);
  expect(new AdamW().getConfig()).toEqual({
    learningRate: 0.001,
    weightDecay: 0.01,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
  });
  expectError(() => new AdamW({ regularization: 'L1' } as object), ValueError, 'regularization');
});

test('clipNorm and nesterov are options', () => {
  const config = new SGD({ clipNorm: 2, nesterov: true }).getConfig();
  expect(config).toMatchObject({ clipNorm: 2, nesterov: true });
  expectError(() => new Adam({ clipNorm: 0 }), ValueError, 'clipNorm');
  const step = (clipNorm: number | undefined): number => {
    const layer = new Dense(1, { inputSize: 1, noBias: true });
    layer.weights.set([0]);
    layer.forward(tensor([[8]]));
    layer.backward(tensor([[1]]));
    new SGD({ learningRate: 1, momentum: 0, clipNorm }).step([layer]);
    return layer.weights.view()[0] as number;
  };
  expect([step(undefined), step(16), step(2)]).toEqual([-8, -8, -2]);
});

/** Multiplies by a number of its own that is trained. */
class Scale extends Layer {
  readonly #value = tensor([1]);
  readonly #gradient = zeros([1]);
  #input: Tensor | undefined;

  constructor(readonly factor: number) {
    super();
  }

  override get params(): Record<string, Parameter> {
    return { scale: { value: this.#value, gradient: this.#gradient } };
  }

  override forward(input: Tensor): Tensor {
    this.#input = input;
    const output = input.clone();
    const scale = this.factor * (this.#value.view()[0] as number);
    output.set(output.view().map((each) => each * scale));
    return output;
  }

  override backward(outputGradient: Tensor): Tensor {
    const result = outputGradient.clone();
    const scale = this.factor * (this.#value.view()[0] as number);
    const input = (this.#input as Tensor).view();
    const own = result.view().reduce((sum, each, i) => sum + each * (input[i] as number), 0);
    this.#gradient.set([this.factor * own]);
    result.set(result.view().map((each) => each * scale));
    return result;
  }

  override getConfig(): Config {
    return { factor: this.factor };
  }
}

test('registerLayer makes a class known by name, inside a Residual too', () => {
  expectError(() => layerFromConfig({ type: 'Scale' }), ValueError, "'Scale'", 'registerLayer');
  registerLayer('Scale', ({ factor }) => new Scale(factor as number));
  const made = layerFromConfig({ type: 'Scale', factor: 3 });
  expect(made).toBeInstanceOf(Scale);
  expect(layerToConfig(made)).toEqual({ type: 'Scale', factor: 3 });
  expectError(
    () => {
      registerLayer('Dense', () => made);
    },
    ValueError,
    "'Dense'",
  );

  const block = new Residual([new Scale(3)]);
  const again = layerFromConfig(layerToConfig(block));
  again.build([2]);
  expect(values(again.forward(tensor([[1, 2]])))).toEqual([4, 8]);
});

describe('a loss of one’s own', () => {
  /** As MSE. */
  class Squares extends Loss {
    override value(output: Tensor, expected: Tensor): number {
      const wanted = expected.view();
      const sum = output.view().reduce((s, o, i) => s + (o - (wanted[i] as number)) ** 2, 0);
      return sum / (output.shape[0] as number);
    }
    override gradient(output: Tensor, expected: Tensor): Tensor {
      const wanted = expected.view();
      const scale = 2 / (output.shape[0] as number);
      const slopes = output.view().map((o, i) => scale * (o - (wanted[i] as number)));
      return tensor(slopes, output.shape);
    }
  }

  test('trains a model as the built-in one', async () => {
    const { x, y } = separable(40);
    const [own, builtIn] = [classifier(new Squares()), classifier(new MSE())];
    const results = [
      await own.train(x, y, { epochs: 3 }),
      await builtIn.train(x, y, { epochs: 3 }),
    ];
    const losses = results.map((each) => each.map(({ loss }) => loss));
    (losses[0] as number[]).forEach((loss, i) => {
      expect(loss).toBeCloseTo(losses[1]?.[i] as number, 5);
    });
    expect(losses[0]?.[2]).toBeLessThan(losses[0]?.[0] as number);
    expect(own.evaluate(x, y).accuracy).toBeUndefined();
  });

  test('must return a number and a gradient of the output’s shape', () => {
    const { x, y } = separable(4);
    const broken = (value: unknown, gradient: unknown): Model => {
      class Broken extends Loss {
        override value(): number {
          return value as number;
        }
        override gradient(): Tensor {
          return gradient as Tensor;
        }
      }
      return classifier(new Broken());
    };
    expectError(() => broken('a', x).evaluate(x, y), ArgumentTypeError, 'Broken: value()');
    expectError(() => broken(1, 5).evaluate(x, y), ArgumentTypeError, 'Broken: gradient()');
    expectError(
      () => broken(1, zeros([4, 3])).evaluate(x, y),
      ShapeError,
      'Broken: gradient()',
      '[4, 3]',
    );
  });
});

test('a residual network learns, and is the same made again from its configuration', async () => {
  const layers = (): Layer[] => [
    new Convolutional(4, 3, { padding: 'same', inputShape: [1, 6, 6] }),
    new Residual([new Convolutional(4, 3, { padding: 'same', groups: 2 }), new ReLU()]),
    new Residual([new Convolutional(6, 3, { padding: 'same', stride: 2 })], {
      shortcut: [new Convolutional(6, 1, { stride: 2 })],
    }),
    new ReLU(),
    new GlobalAveragePooling2D(),
    new Dense(2),
  ];
  const x = noise([60, 1, 6, 6]);
  const y = Array.from({ length: 60 }, (_, n) => n % 2);
  y.forEach((label, n) => {
    if (label === 1) for (let i = 0; i < 18; i++) (x.view()[n * 36 + i] as number) += 1;
  });
  const train = async (made: Layer[]): Promise<Model> => {
    const model = new Model(made, {
      loss: new SparseCategoricalCrossEntropy(),
      optimizer: new Adam({ learningRate: 0.02 }),
      seed: 1,
    });
    await model.train(x, y, { epochs: 8, batchSize: 10 });
    return model;
  };
  const model = await train(layers());
  expect(model.evaluate(x, y).accuracy).toBeGreaterThan(0.95);
  const configs = JSON.parse(JSON.stringify(layers().map(layerToConfig))) as never[];
  const again = await train(configs.map((config) => layerFromConfig(config)));
  expect(weights(again)).toEqual(weights(model));
  expect(model.summary()).toContain('Residual');
});
