// Options of every call: one checker, before anything happens.
import { describe, expect, jest, test } from '@jest/globals';
import * as lamella from 'lamella';
import {
  Accuracy,
  Adam,
  AdamW,
  ArgumentTypeError,
  AveragePooling2D,
  BatchNormalization,
  BatchNormalization2D,
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  type Config,
  Convolutional,
  CosineDecay,
  Dense,
  Dropout,
  Flatten,
  Huber,
  im2col,
  init,
  LamellaError,
  Layer,
  type LayerConfig,
  layerFromConfig,
  LeakyReLU,
  lossFromConfig,
  MAE,
  MaxPooling2D,
  Metric,
  Model,
  MSE,
  optimizerFromConfig,
  PReLU,
  readSafetensors,
  registerLayer,
  registerLoss,
  ReLU,
  Residual,
  RMSprop,
  type Schedule,
  scheduleFromConfig,
  SGD,
  ShapeError,
  Softmax,
  SparseCategoricalCrossEntropy,
  StateError,
  StepDecay,
  type Tensor,
  tensor,
  type TrainOptions,
  ValueError,
  WarmUp,
  writeSafetensors,
  zeros,
} from 'lamella';
import {
  expectError,
  expectRejection,
  layerCases,
  paramValues,
  rejection,
  values,
} from './support.js';

// Before the tables of the tests, which have layers in them.
await init();

const make = (): Model =>
  new Model([new Dense(1, { inputSize: 1 })], { loss: new MSE(), optimizer: new SGD() });
const halving = (): StepDecay => new StepDecay({ initial: 0.1, every: 2 });

/** Everything that takes options: its name in errors, an option it has, and the call. */
const takers: [owner: string, option: string, call: (options: never) => unknown][] = [
  ...(
    [
      [SGD, 'learningRate'],
      [RMSprop, 'learningRate'],
      [Adam, 'learningRate'],
      [AdamW, 'learningRate'],
      [Huber, 'delta'],
      [CategoricalCrossEntropy, 'temperature'],
      [SparseCategoricalCrossEntropy, 'temperature'],
      [PReLU, 'alpha'],
      [LeakyReLU, 'alpha'],
      [Softmax, 'temperature'],
      [ReLU, 'inputShape'],
      [Flatten, 'inputShape'],
      [BatchNormalization, 'momentum'],
      [BatchNormalization2D, 'momentum'],
      [StepDecay, 'initial'],
      [CosineDecay, 'initial'],
      [WarmUp, 'steps'],
    ] as [new (options: never) => unknown, string][]
  ).map(([Class, option]): [string, string, (options: never) => unknown] => [
    Class.name,
    option,
    (options) => new Class(options),
  ]),
  ['Dense', 'inputSize', (options) => new Dense(1, options)],
  ['Convolutional', 'stride', (options) => new Convolutional(1, 3, options)],
  ['Dropout', 'inputShape', (options) => new Dropout(0.5, options)],
  ['MaxPooling2D', 'stride', (options) => new MaxPooling2D(2, options)],
  ['AveragePooling2D', 'stride', (options) => new AveragePooling2D(2, options)],
  ['Residual', 'shortcut', (options) => new Residual([new ReLU()], options)],
  ['Model', 'loss', (options) => new Model([new Dense(1, { inputSize: 1 })], options)],
  ['Model.train', 'epochs', (options) => make().train([[1]], [[1]], options)],
  ['Model.evaluate', 'batchSize', (options) => make().evaluate([[1]], [[1]], options)],
  ['Model.predict', 'batchSize', (options) => make().predict([[1]], options)],
  ['Model.profile', 'repeats', (options) => make().profile(tensor([[1]]), tensor([[1]]), options)],
  ['readSafetensors', 'toFloat32', (options) => readSafetensors(new Uint8Array(8), options)],
];

describe.each(takers)('%s', (owner, option, call) => {
  test('takes a plain object alone, and says how', async () => {
    class Own {
      option = 1;
    }
    const wrong = [0.5, 'fast', true, null, [1], () => 1, new Own(), new Map(), new MSE(), 5n];
    for (const given of wrong) {
      const start = `${owner}: options must be an object such as { ${option}: `;
      await expectRejection(
        () => Promise.resolve().then(() => call(given as never)),
        ArgumentTypeError,
        start,
      );
    }
    const { message } = (await rejection(() => call(0.25 as never))) as Error;
    expect(message).toBe(
      `${owner}: options must be an object such as { ${option}: 0.25 }, got 0.25`,
    );
  });

  test('names what was probably meant by an unknown name', async () => {
    const wrong = `${option.toLowerCase()}s`;
    await expectRejection(
      () => Promise.resolve().then(() => call({ [wrong]: 1 } as never)),
      ValueError,
      `${owner}: unknown option '${wrong}'; known are: `,
      `; did you mean '${option}'?`,
    );
    const { message } = (await rejection(() => call({ ['x'.repeat(5000)]: 1 } as never))) as Error;
    expect(message.length).toBeLessThanOrEqual(300);
    expect(message).toContain('known are: ');
  });
});

test.each<[string, (options: never) => unknown]>([
  ['MSE', (options) => new MSE(options)],
  ['BinaryCrossEntropy', (options) => new BinaryCrossEntropy(options)],
  ['Metric', (options) => new (Accuracy as new (options: never) => Accuracy)(options)],
  ['Metric', (options) => new (MAE as new (options: never) => MAE)(options)],
])('%s, which has no options, takes none', (owner, call) => {
  call({} as never);
  expectError(() => call(5 as never), ArgumentTypeError, `${owner}: options must be`);
  expectError(() => call({ delta: 1 } as never), ValueError, owner, "unknown option 'delta'");
});

test('names are suggested by the letters they share, at most three', async () => {
  const { message } = (await rejection(() =>
    make().train([[1]], [[1]], { batch_size: 2 } as TrainOptions),
  )) as Error;
  expect(message).toMatch(/^Model.train: unknown option 'batch_size'; known are: /);
  expect(message).toMatch(/did you mean 'batchSize'\?$/);
  expect(/known are: ([^;]*)/.exec(message)?.[1]?.split(', ')).toHaveLength(3);
  expectError(() => new SGD({ lr: 1 } as object), ValueError, 'known are: learningRate');
});

test('train() changes nothing when an option makes no sense', async () => {
  const split = tensor([[1], [2], [3]]);
  const wrong: [object, typeof ValueError | typeof ArgumentTypeError, string][] = [
    [{ epochs: 0 }, ValueError, 'Model.train: epochs must be a whole number'],
    [{ epochs: '5' }, ArgumentTypeError, "got '5'"],
    [{ batchSize: 1.5 }, ValueError, 'Model.train: batchSize'],
    [{ shuffle: 'no' }, ArgumentTypeError, "shuffle must be true or false, got 'no'"],
    [{ resume: 1 }, ArgumentTypeError, 'resume must be true or false'],
    [{ restoreBest: 0 }, ArgumentTypeError, 'restoreBest must be true or false'],
    [{ validationSplit: 1 }, ValueError, 'validationSplit must be in [0, 1)'],
    [{ validationSplit: '0.5' }, ArgumentTypeError, 'validationSplit must be in [0, 1)'],
    [{ validationData: [[1]] }, ArgumentTypeError, 'Model.train: validationData'],
    [{ validationSplit: 0.5, validationData: { x: split, y: split } }, ValueError, 'not both'],
    [{ patience: -1 }, ValueError, 'patience'],
    [{ schedule: 0 }, ArgumentTypeError, 'schedule must be a Schedule, got 0'],
    [{ schedule: {} }, ArgumentTypeError, 'schedule must be a Schedule'],
    [{ signal: false }, ArgumentTypeError, 'signal must be an AbortSignal, got false'],
    [{ onBatch: '' }, ArgumentTypeError, "onBatch must be a function, got ''"],
    [{ onEpoch: {} }, ArgumentTypeError, 'onEpoch must be a function'],
    [{ onNonFinite: 'stop' }, ValueError, "onNonFinite must be 'error' or 'continue', got 'stop'"],
    [{ onNonFinite: 1 }, ArgumentTypeError, 'onNonFinite'],
    [{ metrics: [{}] }, ArgumentTypeError, 'metrics[0] must be a Metric'],
    [{ metrics: [new Accuracy(), new Accuracy()] }, ValueError, 'metrics'],
    [{ metrics: 0 }, ArgumentTypeError, 'metrics must be an array, got 0'],
    [{ classWeights: [1e39, 1] }, ValueError, 'classWeights[0]'],
    [{ classWeights: { length: 1e10 } }, ValueError, 'classWeights'],
    [{ classWeights: 'ab' }, ArgumentTypeError, 'classWeights'],
    [{ classWeights: [1, 1, 1] }, ValueError, 'classWeights must be 2 numbers'],
  ];
  const model = new Model([new Dense(2, { inputSize: 1 })], {
    loss: new CategoricalCrossEntropy(),
    optimizer: new SGD(),
  });
  const [x, y] = [tensor([[1], [2], [3]]), lamella.oneHot([0, 1, 0], 2)];
  await model.train(x, y, { validationSplit: 0.4 });
  const dense = model.layers[0] as Dense;
  const state = (): unknown => [model.epochs, model.best, paramValues(dense)];
  const before = state();
  for (const [options, kind, message] of wrong) {
    await expectRejection(() => model.train(x, y, options), kind, message);
    expect(state()).toEqual(before);
  }
  await expectRejection(() => model.train([[1, 2]], [[1, 0]]), ShapeError);
  await expectRejection(() => model.train(x, [[1], [2]]), ShapeError);
  expect(state()).toEqual(before);
});

test('train() that fails in its first step has not begun an epoch', async () => {
  class Fragile extends Layer {
    fails = false;
    forward(input: Tensor): Tensor {
      if (this.fails) throw new RangeError('mine');
      return input;
    }
    backward(gradient: Tensor): Tensor {
      return gradient;
    }
  }
  const fragile = new Fragile();
  const model = new Model([new Dense(1, { inputSize: 1 }), fragile], {
    loss: new MSE(),
    optimizer: new SGD(),
  });
  await model.train([[1], [2]], [[1], [2]]);
  const { epochs, best } = model;
  fragile.fails = true;
  await expect(model.train([[1], [2]], [[1], [2]])).rejects.toThrow('mine');
  expect([model.epochs, model.best]).toEqual([epochs, best]);
  for (const part of ['loss', 'optimizer'] as const) {
    const without = new Model([new Dense(1, { inputSize: 1 })], {
      ...(part === 'optimizer' && { loss: new MSE() }),
    });
    await expectRejection(() => without.train([[1]], [[1]]), StateError, `has no ${part}`);
    expect(without.epochs).toBe(0);
  }
});

describe('parts that are falsy or of another kind', () => {
  test.each([0, false, '', null, 'adam', {}, NaN, new ReLU()])(
    '%p is no part of a model',
    (part) => {
      const layers = (): Layer[] => [new Dense(1, { inputSize: 1 })];
      expectError(() => new Model(layers(), { loss: part as never }), ArgumentTypeError, 'loss');
      const optimizer = part as never;
      expectError(() => new Model(layers(), { optimizer }), ArgumentTypeError, 'optimizer');
      expectError(() => new Model(part as never), ArgumentTypeError, 'Model: layers');
      expectError(
        () => new Model([part as never]),
        part instanceof ReLU ? StateError : ArgumentTypeError,
      );
      expectError(() => new Residual(part as never), ArgumentTypeError, 'Residual: layers');
      const shortcut = part as never;
      expectError(() => new Residual([new ReLU()], { shortcut }), ArgumentTypeError, 'shortcut');
      expectError(() => new WarmUp({ steps: 1, schedule: part as never }), ArgumentTypeError);
      expectError(() => new SGD().step(part as never), ArgumentTypeError, 'SGD.step: layers');
      if (part instanceof ReLU) return;
      expectError(() => new SGD().step([part as never]), ArgumentTypeError, 'SGD.step: layers');
    },
  );

  test.each([undefined, null, 5, 'x', {}, [], { type: 'Nothing' }, { type: 5 }, { type: null }])(
    '%p is no configuration',
    (config) => {
      for (const from of [
        layerFromConfig,
        lossFromConfig,
        optimizerFromConfig,
        scheduleFromConfig,
      ]) {
        expect(() => from(config as LayerConfig)).toThrow(LamellaError);
      }
    },
  );

  test('a class of one’s own is registered by name and function', () => {
    for (const each of [registerLayer, registerLoss]) {
      const register = each as (name: string, factory: never) => void;
      expectError(
        () => {
          register(5 as never, (() => new ReLU()) as never);
        },
        ArgumentTypeError,
        'name must be a string, got 5',
      );
      expectError(
        () => {
          register('Own', 'Own' as never);
        },
        ArgumentTypeError,
        "factory must be a function, got 'Own'",
      );
    }
  });

  test.each([undefined, null, 0, '', {}])('%p is no place for a store', (place) => {
    for (const store of ['fileStore', 'indexedDbStore', 'opfsStore'] as const) {
      if (place === undefined && store !== 'fileStore') continue; // has a default
      expectError(() => lamella[store](place as never), ArgumentTypeError, store);
    }
  });

  test.each([
    5,
    null,
    {},
    [],
    new Map([[5, { shape: [1], data: new Float32Array(1) }]]),
    new Map([['a', null]]),
    new Map([['a', { shape: 1, data: new Float32Array(1) }]]),
    new Map([['a', { shape: [1], data: [1] }]]),
    new Map([['a', () => 1]]),
  ])('%p is nothing to write as safetensors', async (arrays) => {
    await expectRejection(
      () => writeSafetensors(arrays as never),
      ArgumentTypeError,
      'writeSafetensors',
    );
  });
});

test('schedules want their numbers, and float32 holds them', () => {
  const wrong = [-1, NaN, Infinity, 1e39];
  for (const value of wrong) {
    expectError(
      () => new StepDecay({ initial: value, every: 1 }),
      ValueError,
      'StepDecay: initial',
    );
    expectError(() => new CosineDecay({ initial: 1, final: value, steps: 1 }), ValueError, 'final');
    expectError(() => (new SGD().learningRate = value), ValueError, 'SGD: learningRate');
    expectError(() => new SGD({ learningRate: value }), ValueError, 'SGD: learningRate');
  }
  expectError(() => (new SGD().learningRate = '1' as never), ArgumentTypeError, "got '1'");
  expectError(() => new StepDecay({} as never), ArgumentTypeError, 'initial', 'got undefined');
  expectError(() => new StepDecay({ initial: 1 } as never), ArgumentTypeError, 'every');
  expectError(() => new WarmUp({ steps: 1 } as never), ArgumentTypeError, 'schedule');
  const again = (schedule: Schedule): Config =>
    scheduleFromConfig(schedule.getConfig()).getConfig();
  expect(again(new WarmUp({ steps: 3, schedule: halving() }))).toEqual(
    new WarmUp({ steps: 3, schedule: halving() }).getConfig(),
  );
  expect(new StepDecay({ initial: 0.1, factor: 1, every: 1 }).rate(2 ** 53 - 1)).toBe(0.1);
});

test.each(layerCases)(
  '$type.build takes a number for a list of one, as the base class does',
  (layerCase) => {
    const { make } = layerCase;
    const [one, other] = [make(), make()];
    const build = (layer: Layer, shape: number | number[]): unknown => {
      try {
        layer.build(shape);
      } catch (error) {
        return (error as Error).message;
      }
      return layer.outputShape;
    };
    expect(build(one, 12)).toEqual(build(other, [12]));
  },
);

test('a custom layer is built with a number and comes back from its configuration', () => {
  class Plain extends Layer {
    forward(input: Tensor): Tensor {
      return input;
    }
    backward(gradient: Tensor): Tensor {
      return gradient;
    }
  }
  const layer = new Plain();
  layer.build(10);
  expect([layer.inputShape, layer.outputShape]).toEqual([[10], [10]]);
  expectError(
    () => {
      layer.build('10' as never);
    },
    ArgumentTypeError,
    'Plain: inputShape',
  );
  registerLayer('Plain', () => new Plain());
  expect(layerFromConfig(layer.getConfig() as LayerConfig)).toBeInstanceOf(Plain);
  const block = new Residual([new Dense(2), new Plain()], { inputShape: [2] });
  const copy = layerFromConfig(block.getConfig() as LayerConfig);
  expect(copy.getConfig()).toEqual(block.getConfig());
});

test('initWeights() keeps what it is not told', () => {
  for (const noBias of [true, false]) {
    const dense = new Dense(2, { inputSize: 3, noBias });
    dense.initWeights('he');
    expect(dense.noBias).toBe(noBias);
    expect(dense.biases === undefined).toBe(noBias);
  }
});

test('im2col() takes null for an absent stride', () => {
  const images = tensor(
    new Float32Array(16).map((_, i) => i),
    [1, 1, 4, 4],
  );
  expect(values(im2col(images, 2, null))).toEqual(values(im2col(images, 2)));
});

describe('a layer appears once in a model', () => {
  class Own extends Layer {
    forward(input: Tensor): Tensor {
      return input;
    }
    backward(gradient: Tensor): Tensor {
      return gradient;
    }
  }
  test.each<[string, () => Layer]>([
    ['custom', () => new Own()],
    ['built in', () => new ReLU()],
  ])('%s, inside others as well', (_, create) => {
    const layer = create();
    for (const build of [
      () => new Model([layer, new Residual([layer])], { inputShape: [2] }),
      () => new Model([new Residual([new Residual([layer])]), layer], { inputShape: [2] }),
      () => new Model([new Residual([layer]), new Residual([layer])], { inputShape: [2] }),
      () => new Residual([layer, new ReLU()], { shortcut: [layer] }),
    ]) {
      expectError(build, ValueError, 'appears twice');
    }
    // Two models may have it.
    new Model([layer], { inputShape: [2] });
    new Model([layer], { inputShape: [2] });
  });
});

describe('images with the channels last', () => {
  const warnings = (build: () => unknown): unknown[] => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      build();
      return warn.mock.calls.map(([text]) => text as unknown);
    } finally {
      warn.mockRestore();
    }
  };

  test.each([[[28, 28, 1]], [[224, 224, 3]], [[32, 48, 4]]])('%p: one warning', (inputShape) => {
    const build = (warnings?: boolean): Model =>
      new Model([new Convolutional(2, 1), new Flatten()], { inputShape, warnings });
    const [text, ...more] = warnings(() => build());
    expect(text).toContain(`Model: inputShape [${inputShape.join(', ')}]`);
    expect(text).toContain('[channels, height, width]');
    expect(more).toEqual([]);
    expect(warnings(() => build(false))).toEqual([]);
  });

  test.each([[[1, 28, 28]], [[3, 224, 224]], [[28, 28]], [[28, 28, 5]], [[2, 2, 3]], [[784]]])(
    '%p: none',
    (inputShape) => {
      expect(warnings(() => new Model([new ReLU()], { inputShape }))).toEqual([]);
    },
  );

  test('a hint where they do not fit', async () => {
    const hint = 'images are [channels, height, width] here';
    const inputShape = [28, 28, 1];
    const layers = [() => new Convolutional(2, 3), () => new MaxPooling2D()];
    for (const layer of layers) {
      expectError(() => new Model([layer()], { inputShape }), ShapeError, hint);
      expectError(
        () => {
          layer().build(inputShape);
        },
        ShapeError,
        hint,
      );
    }
    expectError(() => new Convolutional(2, 3, { inputShape }), ShapeError, hint);
    const model = new Model([new Flatten(), new Dense(1)], {
      inputShape: [1, 28, 28],
      loss: new MSE(),
      optimizer: new SGD(),
    });
    const x = zeros([2, 28, 28, 1]);
    expectError(() => model.predict(x), ShapeError, hint);
    await expectRejection(() => model.train(x, [[1], [1]]), ShapeError, hint);
    const { message } = (await rejection(() => model.predict(zeros([2, 28, 28])))) as Error;
    expect(message).not.toContain(hint);
  });
});

test('a metric of one’s own is any that computes a number', async () => {
  class Own extends Metric {
    override readonly name = 'Own';
    override compute(): number {
      return 'much' as unknown as number;
    }
  }
  const metrics = [new Own()];
  expectError(
    () => make().evaluate([[1]], [[1]], { metrics }),
    ArgumentTypeError,
    'Own: compute()',
  );
  const options = { metrics, validationData: { x: [[1]], y: [[1]] } };
  await expectRejection(
    () => make().train([[1]], [[1]], options),
    ArgumentTypeError,
    'Own: compute()',
  );
});
