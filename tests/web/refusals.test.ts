// Refused, and not ignored, passed on or found out late.
import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  ArgumentTypeError,
  ArrayDataset,
  AveragePooling2D,
  type Config,
  Dense,
  FormatError,
  fileStore,
  init,
  Convolutional,
  Layer,
  layerClasses,
  type LayerConfig,
  layerFromConfig,
  loadNpz,
  Loss,
  lossFromConfig,
  MaxPooling2D,
  Metric,
  Model,
  MSE,
  type PerSide,
  registerLayer,
  registerLoss,
  Reshape,
  Residual,
  RMSE,
  saveNpz,
  scheduleFromConfig,
  SGD,
  ShapeError,
  Sigmoid,
  Softmax,
  StepDecay,
  Tanh,
  type Tensor,
  tensor,
  type TensorData,
  TopKAccuracy,
  ValueError,
} from 'lamella';
import { expectError, expectRejection, rejection, runInNode } from './support.js';

beforeAll(() => init());

const rows = Array.from({ length: 8 }, (_, i) => [i / 8]);

const line = (...layers: readonly Layer[]): Model =>
  new Model([...layers, new Dense(1)], {
    loss: new MSE(),
    optimizer: new SGD({ learningRate: 0.1 }),
    inputShape: [1],
  });

/** A layer that passes everything on. */
class Identity extends Layer {
  override forward(input: Tensor): Tensor {
    return input;
  }
  override backward(outputGradient: Tensor): Tensor {
    return outputGradient;
  }
}

describe('configurations in one another', () => {
  const deep = (outer: (inner: Config) => Config, inner: Config): Config => {
    let config = inner;
    for (let i = 0; i < 3000; i++) config = outer(config);
    return config;
  };

  test('of layers', () => {
    const dense = { type: 'Dense', outputSize: 1 };
    const config = deep((inner) => ({ type: 'Residual', layers: [inner] }), dense);
    expectError(() => layerFromConfig(config as LayerConfig), ValueError, 'nested 64 deep');
    expect(layerFromConfig({ type: 'Residual', layers: [dense] })).toBeInstanceOf(Residual);
  });

  test('of schedules', () => {
    const schedule = { type: 'StepDecay', initial: 1, every: 2 };
    const config = deep((inner) => ({ type: 'WarmUp', steps: 1, schedule: inner }), schedule);
    expectError(() => scheduleFromConfig(config), ValueError, 'nested 64 deep');
    expect(scheduleFromConfig(schedule)).toBeInstanceOf(StepDecay);
  });
});

describe('members of a layer of one’s own', () => {
  const own = (member: string, value: unknown, from = 0): Layer => {
    const layer = new Identity();
    let calls = 0;
    const before = (layer as unknown as Record<string, unknown>)[member];
    Object.defineProperty(layer, member, { get: () => (calls++ < from ? before : value) });
    return layer;
  };

  test.each<[string, unknown]>([
    ['params', undefined],
    ['params', new Map()],
    ['params', { scale: undefined }],
    ['params', { scale: { value: 1, gradient: 1 } }],
    ['state', null],
    ['state', [1]],
    ['state', { mean: 1 }],
    ['type', 5],
    ['type', undefined],
  ])('%s: %p', async (member, value) => {
    // At once, and where the model is trained already.
    for (const from of member === 'type' ? [0] : [0, 8, 9, 10, 11, 12]) {
      const error = await rejection(async () => {
        const model = line(own(member, value, from));
        for (let i = 0; i < 8; i++) await model.train(rows, rows, { restoreBest: true });
      });
      expect(error).toBeInstanceOf(ArgumentTypeError);
      expect((error as Error).message).toContain(member);
    }
  });

  test('the type of a loss', () => {
    class Own extends Loss {
      override get type(): string {
        return 5 as never;
      }
      override value(): number {
        return 0;
      }
      override gradient(output: Tensor): Tensor {
        return output;
      }
    }
    expectError(
      () => new Model([new Dense(1, { inputSize: 1 })], { loss: new Own() }),
      ArgumentTypeError,
      'type',
    );
  });

  test('the name of a metric', async () => {
    class Own extends Metric {
      override readonly name = undefined as never;
      override compute(): number {
        return 0;
      }
    }
    const options = { metrics: [new Own()], validationSplit: 0.5 };
    await expectRejection(
      () => line().train(rows, rows, options),
      ArgumentTypeError,
      'metrics[0]: name',
    );
  });
});

describe('methods that the engine would not call', () => {
  class MyDense extends Dense {
    override forward(input: Tensor): Tensor {
      return super.forward(input);
    }
  }
  class MyLoss extends MSE {
    override value(): number {
      return 0;
    }
  }

  test('of a layer, also inside a block', () => {
    const wanted = ['its forward() would not be called', 'extend Layer'];
    expectError(() => line(new MyDense(1)), ValueError, 'Model: layer 0', ...wanted);
    expectError(() => new Residual([new MyDense(1)]), ValueError, 'Residual: layer 0', ...wanted);
  });

  test('of a loss', () => {
    const options = { loss: new MyLoss(), inputShape: [1] };
    expectError(() => new Model([new Dense(1)], options), ValueError, 'its value() would not be');
  });

  test('others may be added', () => {
    class Named extends Dense {
      readonly label = 'mine';
    }
    expect(line(new Named(1)).layers).toHaveLength(2);
  });
});

test('parameters and states are given by name, in a plain object', () => {
  const layer = new Dense(1, { inputSize: 1 });
  const values = new Map([['weights', [[1]]]]) as unknown as Record<string, TensorData>;
  expectError(() => layer.loadParams(values), ArgumentTypeError, 'values by name', '[object Map]');
  expectError(() => (layer.state = values), ArgumentTypeError, 'values by name');
  expectError(() => new Identity().loadParams(values), ArgumentTypeError, 'values by name');
});

test('a metric that does not fit ends the training before its first step', async () => {
  const model = line();
  let steps = 0;
  const options = { metrics: [new RMSE(), new TopKAccuracy(2)], onBatch: () => steps++ };
  const data = { x: rows, y: rows };
  await expectRejection(
    () => model.train(rows, rows, { ...options, validationData: data }),
    ShapeError,
    'Top2Accuracy',
  );
  expect(steps).toBe(0);
  expect(model.epochs).toBe(0);
});

test('the layers of a model and of a block cannot be exchanged', () => {
  const model = line(new Residual([new Dense(1)], { shortcut: [new Dense(1)] }));
  const block = model.layers[0] as Residual;
  for (const layers of [model.layers, block.layers, block.shortcut]) {
    expect(() => (layers as Layer[]).push(new Tanh())).toThrow(TypeError);
  }
});

test('a first step that fails leaves the learning rate', async () => {
  class Failing extends Identity {
    override backward(): Tensor {
      throw new ShapeError('no');
    }
  }
  const model = line(new Failing());
  const schedule = new StepDecay({ initial: 5, every: 10 });
  await expectRejection(() => model.train(rows, rows, { schedule }), ShapeError, 'no');
  expect(model.optimizer?.learningRate).toBeCloseTo(0.1, 6);
});

test('infinity that the first layer swallows is found in the data', async () => {
  for (const first of [new Tanh(), new Sigmoid(), new Softmax()]) {
    const wrong = [...rows.slice(0, 7), [Infinity]];
    const model = line(first);
    const options = { batchSize: 4, shuffle: false };
    await expectRejection(
      () => model.train(wrong, rows, options),
      ValueError,
      'epoch 1, batch 2: NaN or infinity in x;',
    );
    await model.train(wrong, rows, { ...options, onNonFinite: 'continue' });
  }
});

test('an epoch goes on with another size of batches and counts what is left', async () => {
  const model = line();
  const controller = new AbortController();
  const stop = ({ batch }: { batch: number }) => {
    if (batch === 1) controller.abort();
  };
  const first = { batchSize: 2, onBatch: stop, signal: controller.signal };
  await rejection(() => model.train(rows, rows, first));
  const seen: number[][] = [];
  await model.train(rows, rows, {
    batchSize: 4,
    resume: true,
    onBatch: ({ batch, batches }) => void seen.push([batch, batches]),
  });
  expect(seen).toEqual([
    [2, 3],
    [3, 3],
  ]);
});

describe('a callback that never ends', () => {
  const never = (): Promise<void> => new Promise(() => undefined);
  test.each(['onBatch', 'onEpoch'])('%s hears an abort', async (name) => {
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    const options = { [name]: never, signal: controller.signal };
    const model = line();
    expect(await rejection(() => model.train(rows, rows, options))).toBe(reason);
    await model.train(rows, rows);
  });

  test.each(['onBatch', 'onEpoch'])('%s hears an abort of its own', async (name) => {
    const controller = new AbortController();
    const abort = () => {
      controller.abort('mine');
      return never();
    };
    const options = { [name]: abort, signal: controller.signal };
    expect(await rejection(() => line().train(rows, rows, options))).toBe('mine');
  });
});

test.each([undefined, null, 'bytes', [1, 2], Promise.resolve(Uint8Array.of(1))])(
  'fileStore saves no %p',
  async (value) => {
    const save = () => fileStore(tmpdir()).save('a', value as never);
    await expectRejection(save, ArgumentTypeError, 'fileStore: checkpoint must be bytes');
  },
);

test('the error of a model that cannot be read is not hidden by a dispose() that throws', async () => {
  class Undisposable extends Identity {
    override dispose(): void {
      throw new Error('no');
    }
  }
  class Second extends Identity {}
  const make = () => new Undisposable();
  registerLayer('Undisposable', make);
  const file = await saveNpz(line(make(), new Second()));
  registerLayer('Second', () => {
    throw new ShapeError('the first error');
  });
  await expectRejection(() => loadNpz(file), FormatError, 'layer 1: the first error');
});

test('lamella/external tells what it could not load', async () => {
  const errors = await runInNode(`
    import { init } from './dist/external.js';
    const errors = [];
    for (const wasm of ['http://127.0.0.1:9/a.wasm', 'data:,', './no.wasm', Uint8Array.of(1), 5]) {
      await init({ wasm }).catch(({ name, message }) => errors.push(name + ' ' + message));
    }
    report(errors);`);
  expect(errors).toEqual([
    expect.stringMatching(/^StateError init: could not fetch http:.*a.wasm: TypeError/),
    expect.stringMatching(/^UnsupportedError init: the engine cannot be compiled: CompileError/),
    expect.stringMatching(/^StateError init: could not fetch .*no.wasm: TypeError/),
    expect.stringMatching(/^UnsupportedError init: the engine cannot be compiled: CompileError/),
    'ArgumentTypeError init: wasm must be an address or bytes, got 5',
  ]);
});

test('the mean over a window of 2^32 pixels, nearly all of them padding', () => {
  const padding: PerSide = [
    [65535, 0],
    [65535, 0],
  ];
  const pool = new AveragePooling2D(65536, { padding, stride: 65536, countIncludePad: true });
  const one = tensor([[[[1]]]]);
  expect(pool.forward(one).view()[0]).toBe(2 ** -32);
  expect(pool.backward(one).view()[0]).toBe(2 ** -32);
});

test.each([
  [new BigInt64Array(2), 'x must be a typed array of numbers'],
  [new DataView(new ArrayBuffer(8)), 'x must be a typed array of numbers'],
])('ArrayDataset takes no %p', (x, message) => {
  const options = { x, y: new Float32Array(2), length: 2 } as never;
  expectError(() => new ArrayDataset(options), ArgumentTypeError, message);
});

test('a data set of more samples than there is memory for', async () => {
  for (const length of [2 ** 29, 2 ** 32, 2 ** 53 - 1]) {
    const dataset = { length, gather: () => undefined };
    await expectRejection(() => line().train(dataset), ValueError, 'length must be below 2^29');
  }
});

describe('a class of one’s own', () => {
  class Own extends Identity {
    static override readonly type: string = 'Own';
  }

  test.each(['abc', 5, null])('whose static positional is %p', (positional) => {
    const Class = Object.assign(class extends Own {}, { type: 'Own', positional });
    expectError(
      () => registerLayer(Class as never),
      ArgumentTypeError,
      'Own.positional must be an',
    );
  });

  test('whose static fromConfig is no function, or whose type is empty', () => {
    const Class = Object.assign(class extends Own {}, { type: 'Own', fromConfig: 5 });
    expectError(() => registerLayer(Class as never), ArgumentTypeError, 'Own.fromConfig must be a');
    const Empty = Object.assign(class extends Own {}, { type: '' });
    expectError(() => registerLayer(Empty), ValueError, 'needs a static type');
  });

  test('without any name is not saved', async () => {
    const layer = new (class extends Identity {})();
    expect(layer.type).toBe('');
    await expectRejection(() => saveNpz(line(layer)), ValueError, 'needs a static type');
  });
});

/** Classes that extend built-in ones: that they compile is the test. */
/** Whether each of some classes lets those that extend it have another type. */
type Open<Classes> = {
  [I in keyof Classes]: Classes[I] extends { readonly type: infer Type }
    ? string & {} extends Type
      ? true
      : false
    : never;
};
const allAreOpen: Open<typeof layerClasses>[number] extends true ? true : false = true;

class Block extends Residual {
  static override readonly type = 'Block';
  static override readonly positional = ['size'] as const;

  constructor(readonly size: number) {
    super([new Dense(size)]);
  }
}
class Logits extends Dense {
  static override readonly type = 'Logits';
}
class Halved extends MSE {
  static override readonly type = 'Halved';
}
class Momentum extends SGD {
  static override readonly type = 'Momentum';
}
class Error90 extends RMSE {
  static override readonly type = 'Error90';
}
class Steps extends StepDecay {
  static override readonly type = 'Steps';
}

test('a class that extends a built-in one may have a type and arguments of its own', () => {
  const all = [Block, Logits, Halved, Momentum, Error90, Steps];
  expect(all.map(({ type }) => type)).toEqual(all.map(({ name }) => name));
  registerLayer(Logits);
  registerLoss(Halved);
  expect(allAreOpen).toBe(true);
  expect(new Block(2).type).toBe('Block');
  expect(layerFromConfig({ type: 'Logits', outputSize: 2 })).toBeInstanceOf(Logits);
  expect(lossFromConfig({ type: 'Halved' })).toBeInstanceOf(Halved);
  const types: readonly string[] = layerClasses.map(({ type }) => type);
  expect(types).toContain('Residual');
});

describe('registered is what can be made', () => {
  const loose = { registerLayer, registerLoss } as unknown as Record<
    string,
    (...values: unknown[]) => void
  >;
  class OwnLoss extends Loss {
    static override readonly type = 'OwnLoss';
    override value(): number {
      return 0;
    }
    override gradient(output: Tensor): Tensor {
      return output;
    }
  }
  class OwnLayer extends Identity {
    static override readonly type = 'OwnLayer';
  }

  test.each([
    ['registerLayer', 'a layer class', OwnLayer, OwnLoss],
    ['registerLoss', 'a loss class', OwnLoss, OwnLayer],
  ])('%s', (call, kind, Own, Other) => {
    const how = `${call}: argument must be ${kind} alone, as in ${call}(MyClass), or a name and`;
    const wrong = [['Own', Own], [Other], [() => new Own()], [Map]];
    for (const values of wrong) expectError(() => loose[call]?.(...values), ArgumentTypeError, how);
    expectError(
      () => loose[call]?.(Own, () => new Own()),
      ArgumentTypeError,
      'name must be a string',
    );
    loose[call]?.(Own);
    loose[call]?.('Made', function () {
      return new Own();
    });
  });
});

describe('lists with something else than numbers are shown with it', () => {
  const list = [1, 'a'] as never;
  test.each<[string, () => unknown]>([
    ['poolSize must be a whole number of at least 1 or a pair', () => new MaxPooling2D(list)],
    ['stride must be', () => new MaxPooling2D(2, { stride: list })],
    ['kernelSize must be', () => new Convolutional(1, list)],
    ['padding must be', () => new AveragePooling2D(2, { padding: list })],
    ['targetShape must be a list of whole numbers', () => new Reshape(list)],
    ['inputShape must be a list', () => new Dense(1, { inputShape: list })],
    ['learningRate must be', () => new SGD({ learningRate: list })],
  ])('%s', (what, make) => {
    expectError(make, ArgumentTypeError, what, "got [1, 'a']");
  });

  test('also two deep, and cut', () => {
    const sides = [
      [0, 1],
      ['a', null],
    ] as never;
    const pad = (padding: never) => new AveragePooling2D(2, { padding });
    expectError(() => pad(sides), ArgumentTypeError, "got [[0, 1], ['a', null]]");
    const round: unknown[] = ['a'];
    round.push(round);
    expectError(() => pad(round as never), ArgumentTypeError, "got ['a', ['a', Array(2)]]");
    const long = Array(9).fill('a') as never;
    expectError(() => pad(long), ArgumentTypeError, 'got Array(9)');
    expectError(() => new MaxPooling2D([1, NaN]), ValueError, 'got [1, NaN]');
  });
});

test('a size that is too large is told the limit', () => {
  const large = 2 ** 31;
  const limit = (minimum: number) => `a whole number of at least ${minimum} and below 2^31`;
  expectError(() => new MaxPooling2D(large), ValueError, `${limit(1)} or a pair`);
  expectError(
    () => new MaxPooling2D(2, { stride: [1, large] }),
    ValueError,
    `${limit(1)} or a pair`,
  );
  for (const padding of [large, [1, large]] as const) {
    expectError(() => new AveragePooling2D(2, { padding: padding as never }), ValueError, limit(0));
  }
});

test('a data set in the place of numbers', () => {
  const model = line();
  const dataset = { length: 2, gather: () => undefined } as never;
  const calls: Record<string, () => unknown> = {
    'Model.evaluate: x': () => model.evaluate('' as never, dataset),
    'Model.evaluate: y': () => model.evaluate(rows, dataset),
    'Model.predict: x': () => model.predict(dataset),
    'tensor: data': () => tensor(dataset),
  };
  for (const [what, call] of Object.entries(calls)) {
    expectError(call, ArgumentTypeError, `${what} must be an array or typed array of numbers`);
  }
});

test.each(['throwIfAborted', 'addEventListener', 'removeEventListener'])(
  'a signal without %s is none',
  async (name) => {
    const { signal } = new AbortController();
    const methods = ['throwIfAborted', 'addEventListener', 'removeEventListener'] as const;
    const own = Object.fromEntries(methods.map((each) => [each, signal[each].bind(signal)]));
    const train = (given: object) => line().train(rows, rows, { signal: given as AbortSignal });
    await train(own);
    await expectRejection(
      () => train({ ...own, [name]: undefined }),
      ArgumentTypeError,
      'Model.train: signal must be an AbortSignal',
    );
  },
);

test.each([[[]], [[new RMSE()]]])(
  'NaN in weights is found there before any step, be there metrics or not: %#',
  async (metrics) => {
    const model = line();
    model.layers[0]?.loadParams({ weights: [[NaN]] });
    const samples = { x: Float32Array.of(NaN, NaN), y: Float32Array.of(1, 1), length: 2 };
    const options = { metrics, validationSplit: 0.5 };
    await expectRejection(
      () => model.train(new ArrayDataset(samples), options),
      ValueError,
      'epoch 1, batch 1: NaN or infinity in param weights of layer 0 (Dense)',
    );
  },
);

test('a class of your own without one of its methods is told when that is called', () => {
  // @ts-expect-error -- without forward and backward
  class Blank extends Layer {}
  const layer = new Blank();
  const blank = new Model([layer], { inputShape: [1] });
  expectError(
    () => blank.predict([[1]]),
    ArgumentTypeError,
    'Blank.forward must be a function, got undefined',
  );
  // @ts-expect-error -- without value
  class Half extends Loss {
    override gradient(output: Tensor): Tensor {
      return tensor(output.toArray(), output.shape);
    }
  }
  const model = new Model([new Dense(1, { inputSize: 1 })], {
    loss: new Half(),
    optimizer: new SGD(),
  });
  using x = tensor([[1]]);
  expectError(() => model.trainBatch(x, x), ArgumentTypeError, 'Half.value must be a function');
});

/* eslint-disable no-sparse-arrays */
test('lists in settings have no holes, and are read once', () => {
  const refuse = (kernelSize: unknown) => {
    expectError(() => new Convolutional(1, kernelSize as number), ArgumentTypeError, 'kernelSize');
  };
  const holes = [
    [, [3, 4]],
    [[3, 4], ,],
    [
      [1, ,],
      [3, ,],
    ],
    [, 3],
    [3, ,],
  ];
  for (const hole of holes) refuse(hole);
  for (const other of [
    [[1], [2, 3, 4]],
    [
      ['1', 2],
      [3, 4],
    ],
    ['1', 2],
    [[1, 2]],
  ]) {
    refuse(other);
  }
  const shape = [, [2, 3]] as unknown as [number, number];
  expectError(() => new MaxPooling2D(shape), ArgumentTypeError, 'poolSize');
  const start = performance.now();
  refuse(new Array(2 ** 27));
  expect(performance.now() - start).toBeLessThan(1000);
  let reads = 0;
  const once = Object.defineProperty([3, 0], 1, { get: () => (reads++ === 0 ? 4 : 'five') });
  expect(new Convolutional(1, once as unknown as [number, number]).kernelSize).toEqual([3, 4]);
});
/* eslint-enable no-sparse-arrays */
