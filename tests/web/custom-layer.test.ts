// Layers written in TypeScript, beside the built-in ones.
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  Adam,
  ArgumentTypeError,
  CategoricalCrossEntropy,
  Dense,
  Dropout,
  type EpochResult,
  init,
  Layer,
  Model,
  MSE,
  type Parameter,
  ReLU,
  Residual,
  SGD,
  type Shape,
  ShapeError,
  StateError,
  Tensor,
  tensor,
  type TensorData,
  ValueError,
  zeros,
} from 'lamella';
import { expectError, noise, rejection, separable, values } from './support.js';

beforeAll(() => init());

/** The mirrored ReLU: no parameters. */
class Negative extends Layer {
  #last: Tensor | undefined;

  override forward(input: Tensor): Tensor {
    this.#last = input;
    return tensor(
      input.toArray().map((value) => Math.min(value, 0)),
      input.shape,
    );
  }

  override backward(outputGradient: Tensor): Tensor {
    const last = (this.#last as Tensor).view();
    const gradient = outputGradient.toArray().map((value, i) => ((last[i] ?? 0) < 0 ? value : 0));
    return tensor(gradient, outputGradient.shape);
  }
}

/** Passes everything on, and has parameters without a gradient: only decay changes them. */
class Decaying extends Negative {
  readonly #params: Record<string, Parameter>;

  constructor(decays: Record<string, boolean | undefined>) {
    super();
    const all = Object.entries(decays).map(([name, own]): [string, Parameter] => [
      name,
      { value: tensor([1]), gradient: zeros([1]), decays: own },
    ]);
    this.#params = Object.fromEntries(all);
  }

  override get params(): Record<string, Parameter> {
    return this.#params;
  }
}

/** Dense once more, in TypeScript. */
class HandmadeDense extends Layer {
  #params: Record<string, Parameter> = {};
  #last: Tensor | undefined;

  constructor(readonly size: number) {
    super(size);
  }

  override build(inputShape: Shape): void {
    super.build(inputShape);
    const parameter = (shape: Shape): Parameter => ({
      value: zeros(shape),
      gradient: zeros(shape),
    });
    this.#params = {
      weights: parameter([this.inputSize, this.size]),
      biases: parameter([1, this.size]),
    };
  }

  override get params(): Record<string, Parameter> {
    return this.#params;
  }

  override forward(input: Tensor): Tensor {
    this.#last = input;
    const [rows = 0] = input.shape;
    const output = zeros([rows, this.size]);
    const [x, y, weights, biases] = [
      input.view(),
      output.view(),
      this.#value('weights'),
      this.#value('biases'),
    ];
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < this.size; j++) {
        let sum = biases[j] as number;
        for (let i = 0; i < this.inputSize; i++) {
          sum += (x[row * this.inputSize + i] as number) * (weights[i * this.size + j] as number);
        }
        y[row * this.size + j] = sum;
      }
    }
    return output;
  }

  override backward(outputGradient: Tensor): Tensor {
    const input = this.#last as Tensor;
    const [rows = 0] = input.shape;
    const inputGradient = zeros(input.shape);
    const [x, dx, dy] = [input.view(), inputGradient.view(), outputGradient.view()];
    const weights = this.#value('weights');
    const dWeights = (this.#params['weights'] as Parameter).gradient.view().fill(0);
    const dBiases = (this.#params['biases'] as Parameter).gradient.view().fill(0);
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < this.size; j++) {
        const gradient = dy[row * this.size + j] as number;
        (dBiases[j] as number) += gradient;
        for (let i = 0; i < this.inputSize; i++) {
          const at = row * this.inputSize + i;
          (dWeights[i * this.size + j] as number) += (x[at] as number) * gradient;
          (dx[at] as number) += (weights[i * this.size + j] as number) * gradient;
        }
      }
    }
    return inputGradient;
  }

  #value(name: string): Float32Array {
    return (this.#params[name] as Parameter).value.view();
  }
}

/** A model whose middle is `middle`, everything else being equal every time. */
function around(middle: Layer, optimizer = new Adam({ learningRate: 0.01 })): Model {
  const model = new Model([new Dense(6, { inputSize: 2 }), middle, new ReLU(), new Dense(2)], {
    loss: new CategoricalCrossEntropy(),
    optimizer,
    seed: 5,
  });
  const [first, , , last] = model.layers;
  first?.loadParams({ weights: noise([2, 6], 1) });
  last?.loadParams({ weights: noise([model.layers[1]?.outputSize ?? 0, 2], 2) });
  if (Object.keys(middle.params).length > 0) {
    middle.loadParams({ weights: noise([6, 4], 3), biases: noise([1, 4], 4) });
  }
  return model;
}

test('a layer with parameters trains as the built-in one does', async () => {
  const { x, y } = separable(60);
  const train = async (middle: Layer): Promise<[number[], Model]> => {
    const model = around(middle);
    const results = await model.train(x, y, { epochs: 5, batchSize: 16 });
    return [results.map(({ loss }) => loss), model];
  };
  const [losses, model] = await train(new HandmadeDense(4));
  const [expected, builtIn] = await train(new Dense(4));
  expect(losses[4]).toBeLessThan((losses[0] as number) * 0.9);
  // JavaScript sums in float64, so that the last digits may differ.
  losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected[i] as number, 4));
  const handmade = model.layers[1]?.params['weights']?.value as Tensor;
  const reference = values((builtIn.layers[1] as Dense).weights);
  values(handmade).forEach((value, i) => expect(value).toBeCloseTo(reference[i] as number, 3));
  expect(model.parameterCount).toBe(builtIn.parameterCount);
  expect(model.layerTable()[1]).toEqual({
    type: 'HandmadeDense',
    outputShape: [4],
    parameters: 28,
  });
});

test('a layer without parameters trains as the built-in one does', async () => {
  /** ReLU once more. */
  class Positive extends Negative {
    override forward(input: Tensor): Tensor {
      return negated(super.forward(negated(input)));
    }
    override backward(outputGradient: Tensor): Tensor {
      return negated(super.backward(negated(outputGradient)));
    }
  }
  const negated = (t: Tensor): Tensor =>
    tensor(
      t.toArray().map((value) => -value),
      t.shape,
    );

  const { x, y } = separable(60);
  const results: (readonly EpochResult[])[] = [];
  for (const middle of [new Positive(), new ReLU()]) {
    results.push(await around(middle).train(x, y, { epochs: 3, batchSize: 16 }));
  }
  const losses = results.map((epochs) => epochs.map(({ loss }) => loss));
  // The same float32 operations: the same bits.
  expect(losses[0]).toEqual(losses[1]);
});

test('a layer works on its own', () => {
  const layer = new HandmadeDense(3);
  expectError(() => layer.inputShape, StateError, 'HandmadeDense: inputShape', 'build()');
  layer.build([2]);
  layer.loadParams({
    weights: [
      [1, 2, 3],
      [4, 5, 6],
    ],
    biases: [[0, 0, 1]],
  });
  expect(values(layer.forward(tensor([[1, 10]])))).toEqual([41, 52, 64]);
  expect(values(layer.backward(tensor([[1, 0, 1]])))).toEqual([4, 10]);
  expect([layer.inputSize, layer.outputSize, layer.type]).toEqual([2, 3, 'HandmadeDense']);
  expect([layer.input, layer.output]).toEqual([undefined, undefined]);
  expect(layer.getConfig()).toEqual({ type: 'HandmadeDense' });
});

test('an optimizer steps on a layer of any kind', () => {
  const layers = [new HandmadeDense(1), new Dense(1, { inputSize: 1 })];
  const optimizer = new SGD({ learningRate: 0.5, weightDecay: 0 });
  for (const layer of layers) {
    layer.build([1]);
    layer.loadParams({ weights: [[3]], biases: [[0]] });
    layer.forward(tensor([[2]]));
    layer.backward(tensor([[1]]));
  }
  optimizer.step(layers);
  for (const { params } of layers) {
    expect([params['weights'], params['biases']].map((p) => p?.value.view()[0])).toEqual([2, -0.5]);
  }
});

describe('loading params and state of a custom layer', () => {
  class Stateful extends HandmadeDense {
    readonly mean = zeros([2]);
    override get state(): Record<string, Tensor> {
      return { mean: this.mean };
    }
    override set state(given: Record<string, Tensor | TensorData>) {
      super.state = given;
    }
  }
  let layer: Stateful;

  beforeEach(() => {
    layer = new Stateful(1);
    layer.build([2]);
    layer.loadParams({ weights: [[1], [2]], biases: [[3]] });
  });

  test('is all or nothing', () => {
    const before = (): number[][] => Object.values(layer.params).map(({ value }) => values(value));
    for (const [given, kind, part] of [
      [
        { weights: [[7], [8]], biases: [[1, 2]] },
        ShapeError,
        "parameter 'biases' has shape [1, 1]",
      ],
      [{ weights: [[7], [8]], other: [1] }, ValueError, "unknown parameter 'other'; known are: w"],
      [{ weights: [[7], [8]], toString: [1] }, ValueError, "unknown parameter 'toString'"],
      [{ weights: [[7], [8]], biases: 5 }, ArgumentTypeError, "parameter 'biases'"],
      [null, ArgumentTypeError, 'parameter'],
    ] as const) {
      expectError(
        () => {
          layer.loadParams(given as unknown as Record<string, Tensor>);
        },
        kind,
        `Stateful: ${part}`,
      );
      expect(before()).toEqual([[1, 2], [3]]);
    }
  });

  test('knows its state by name and shape', () => {
    layer.state = { mean: [4, 5] };
    expect(values(layer.mean)).toEqual([4, 5]);
    expectError(
      () => {
        layer.state = { mean: [1] };
      },
      ShapeError,
      "Stateful: state 'mean'",
    );
    expectError(
      () => {
        layer.state = { variance: [1, 2] };
      },
      ValueError,
      "Stateful: unknown state 'variance'",
    );
    expect(values(layer.mean)).toEqual([4, 5]);
  });
});

describe('a model with a custom layer', () => {
  test('tells it whether it trains', async () => {
    const seen: boolean[] = [];
    class Watching extends Negative {
      override forward(input: Tensor, training = true): Tensor {
        seen.push(training);
        return super.forward(input);
      }
    }
    const { x, y } = separable(4);
    const model = around(new Watching());
    await model.train(x, y);
    model.predict(x);
    model.evaluate(x, y);
    expect(seen).toEqual([true, false, false]);
  });

  test('shows it every sample once an epoch, in another order each time', async () => {
    const batches: number[][] = [];
    class Watching extends Negative {
      override forward(input: Tensor): Tensor {
        batches.push(values(input));
        return super.forward(input);
      }
    }
    const model = new Model([new Watching(), new Dense(1)], {
      loss: new MSE(),
      optimizer: new SGD(),
      inputShape: [1],
    });
    const rows = Array.from({ length: 20 }, (_, i) => i);
    const x = tensor(rows, [20, 1]);
    await model.train(x, zeros([20, 1]), { epochs: 3, batchSize: 8 });
    expect(batches.map(({ length }) => length)).toEqual([8, 8, 4, 8, 8, 4, 8, 8, 4]);
    const epochs = [0, 3, 6].map((first) => batches.slice(first, first + 3).flat());
    for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual(rows);
    expect(new Set([rows, ...epochs].map((epoch) => epoch.join())).size).toBe(4);

    batches.length = 0;
    await model.train(x, zeros([20, 1]), { batchSize: 8, shuffle: false });
    expect(batches.flat()).toEqual(rows);
  });

  test('refuses the same one twice', () => {
    const layer = new Negative();
    expectError(
      () => new Model([layer, new Dropout(), layer], { inputShape: [2] }),
      ValueError,
      'Model: layer 2 (Negative) appears twice',
    );
  });

  test('disposes of it', () => {
    let disposed = 0;
    class Counting extends Negative {
      override dispose(): void {
        disposed++;
      }
    }
    const model = new Model([new Counting()], { inputShape: [2] });
    model.dispose();
    model.dispose();
    expect(disposed).toBe(1);
  });

  const methods = ['build', 'forward', 'backward', 'params'] as const;

  test.each(methods)('passes on what %s throws, unchanged, and goes on after', async (method) => {
    const reason = new RangeError('mine');
    let armed = true;
    const explode = (): void => {
      if (armed) throw reason;
    };
    class Exploding extends HandmadeDense {
      override build(inputShape: Shape): void {
        if (method === 'build') explode();
        super.build(inputShape);
      }
      override forward(input: Tensor): Tensor {
        if (method === 'forward') explode();
        return super.forward(input);
      }
      override backward(gradient: Tensor): Tensor {
        if (method === 'backward') explode();
        return super.backward(gradient);
      }
      override get params(): Record<string, Parameter> {
        if (method === 'params') explode();
        return super.params;
      }
    }
    const { x, y } = separable(20);
    const layers = [new Dense(3, { inputSize: 2 }), new Exploding(2)];
    const make = (): Model =>
      new Model(layers, { loss: new CategoricalCrossEntropy(), optimizer: new SGD() });
    if (method === 'build') {
      expect(await rejection(make)).toBe(reason);
      armed = false;
    }
    const model = make();
    if (method !== 'build') {
      expect(await rejection(() => model.train(x, y))).toBe(reason);
      if (method === 'forward') expect(await rejection(() => model.predict(x))).toBe(reason);
      armed = false;
    }
    const [result] = await model.train(x, y);
    expect(result?.loss).toBeGreaterThan(0);
  });

  test.each<
    [string, (input: Tensor) => unknown, typeof ShapeError | typeof ArgumentTypeError, string]
  >([
    [
      'nothing',
      () => undefined,
      ArgumentTypeError,
      'forward() must return a Tensor, got undefined',
    ],
    ['an array', (input) => input.toNestedArray(), ArgumentTypeError, 'forward() must return'],
    ['another shape', () => zeros([1, 7]), ShapeError, 'forward() must return a tensor of shape'],
  ])('refuses %s from forward()', (_, result, kind, part) => {
    class Wrong extends Negative {
      override forward(input: Tensor): Tensor {
        return result(input) as Tensor;
      }
    }
    const model = around(new Wrong());
    expectError(() => model.predict(zeros([3, 2])), kind, `Wrong: ${part}`);
  });

  test('refuses a gradient of another shape from backward()', () => {
    class Wrong extends Negative {
      override backward(): Tensor {
        return zeros([1, 2]);
      }
    }
    const { x, y } = separable(3);
    const model = around(new Wrong());
    expectError(
      () => model.trainBatch(x, y),
      ShapeError,
      'Wrong: backward() must',
      '[3, 6]',
      '[1, 2]',
    );
  });

  test('refuses a parameter and a gradient of different shapes', () => {
    class Wrong extends Negative {
      override get params(): Record<string, Parameter> {
        return { scale: { value: zeros([2]), gradient: zeros([3]) } };
      }
    }
    const { x, y } = separable(3);
    const model = new Model([new Dense(2, { inputSize: 2 }), new Wrong()], {
      loss: new CategoricalCrossEntropy(),
      optimizer: new SGD(),
    });
    expectError(() => model.trainBatch(x, y), ShapeError, "Wrong: parameter 'scale'", '[2]', '[3]');
  });

  test.each<[string, unknown]>([
    ['no list', 5],
    ['words', ['a']],
  ])('refuses an output shape that is %s', (_, shape) => {
    class Wrong extends Negative {
      override get outputShape(): Shape {
        return shape as Shape;
      }
    }
    expectError(
      () => new Model([new Wrong()], { inputShape: [2] }),
      ArgumentTypeError,
      'Wrong: outputShape',
    );
  });

  test('frees the tensors that it lends: of forward at the next one, of backward when it returns', () => {
    const lent: Record<'forward' | 'backward' | 'made', Tensor[]> = {
      forward: [],
      backward: [],
      made: [],
    };
    class Keeping extends Negative {
      override forward(input: Tensor): Tensor {
        expect(lent.forward.every(({ disposed }) => disposed)).toBe(true);
        lent.forward.push(input);
        const output = super.forward(input);
        lent.made.push(output);
        return output;
      }
      override backward(gradient: Tensor): Tensor {
        const input = lent.forward.at(-1) as Tensor;
        expect(values(input)).toHaveLength(input.size);
        lent.backward.push(gradient);
        return super.backward(gradient);
      }
    }
    const { x, y } = separable(8);
    const model = around(new Keeping());
    for (let i = 0; i < 5; i++) model.trainBatch(x, y);
    expect(lent.forward.map(({ disposed }) => disposed)).toEqual([true, true, true, true, false]);
    expect(lent.made.map(({ disposed }) => disposed)).toEqual([true, true, true, true, false]);
    expect(lent.backward).toHaveLength(5);
    expect(lent.backward.every(({ disposed }) => disposed)).toBe(true);
    model.dispose();
    expect([...lent.forward, ...lent.made].every(({ disposed }) => disposed)).toBe(true);
  });

  test('leaves it what it made before, returns twice, or was given', () => {
    const before = zeros([1, 2]);
    let forward = (input: Tensor): Tensor => input;
    class Returning extends Negative {
      override forward(input: Tensor): Tensor {
        return forward(input);
      }
      override backward(gradient: Tensor): Tensor {
        return gradient;
      }
    }
    const model = new Model([new Returning()], {
      inputShape: [2],
      loss: new MSE(),
      optimizer: new SGD(),
    });
    const x = tensor([[1, 2]]);
    const run = (): number[] => {
      model.trainBatch(x, x);
      return values(model.predict(x));
    };
    expect(run()).toEqual([1, 2]);
    forward = () => before;
    expect(run()).toEqual([0, 0]);
    let own: Tensor | undefined;
    forward = () => (own ??= tensor([[3, 4]]));
    for (let i = 0; i < 3; i++) expect(run()).toEqual([3, 4]);
    forward = (input) => input;
    expect(run()).toEqual([1, 2]);
    expect([before.disposed, own?.disposed]).toEqual([false, false]);
  });
});

test('names in any script cross to the engine and back', () => {
  class Strange extends Negative {
    override get type(): string {
      return '层 Ω 🦋';
    }
  }
  const layer = new Strange();
  expect(new Model([layer], { inputShape: [2] }).layers[0]?.type).toBe('层 Ω 🦋');
  layer.backward = () => zeros([1]);
  const model = new Model([new Dense(2), layer], {
    inputShape: [2],
    loss: new MSE(),
    optimizer: new SGD(),
  });
  expectError(
    () => model.trainBatch(zeros([1, 2]), zeros([1, 2])),
    ShapeError,
    '层 Ω 🦋: backward() must return',
  );
  expectError(() => new Dense(2, { initialization: '层' as 'xavier' }), ValueError, "'层'");
});

test('a layer may dispose of what the call it is in still needs', () => {
  let dispose = (): void => undefined;
  class Disposing extends Negative {
    override forward(input: Tensor): Tensor {
      dispose();
      // Takes the memory that was freed, if it was.
      for (let i = 0; i < 50; i++) zeros([64]).view().fill(NaN);
      return super.forward(input);
    }
  }
  const model = new Model([new Dense(8), new Disposing(), new Dense(4)], {
    inputShape: [3],
    loss: new MSE(),
    optimizer: new SGD(),
  });
  const [x, y] = [noise([5, 3]), noise([5, 4], 2)];
  const wanted = model.evaluate(x.clone(), y.clone()).loss;
  dispose = (): void => {
    x.dispose();
    y.dispose();
    model.dispose();
  };
  expect(model.trainBatch(x, y).loss).toBeCloseTo(wanted, 6);
  expectError(() => model.trainBatch(zeros([5, 3]), zeros([5, 4])), StateError, 'dispose');
});

test('a layer may dispose of the block around it before parameters are loaded', () => {
  let dispose = (): void => undefined;
  class Disposing extends Negative {
    override get params(): Record<string, Parameter> {
      dispose();
      for (let i = 1; i < 200; i++) zeros([i]).view().fill(NaN);
      return super.params;
    }
  }
  const dense = new Dense(3);
  const block = new Residual([dense, new Disposing()]);
  block.build([3]);
  const weights = noise([3, 3], 4);
  const live = dense.weights;
  const before = live.toArray();
  dispose = (): void => {
    dispose = (): void => undefined;
    block.dispose();
  };
  expectError(
    () => block.loadParams({ layers_0_weights: weights, layers_0_biases: zeros([1, 3]) }),
    StateError,
    'dispose',
  );
  expectError(() => block.params, StateError, 'dispose');
  expect(live.toArray()).toEqual(before);
});

test('parameters say whether weight decay applies to them; else their names do', () => {
  const layer = new Decaying({
    scale: undefined,
    gammas: undefined,
    shift: false,
    bias: true,
  });
  const inner = new Decaying({ slope: false, beta: true });
  const optimizer = new SGD({ learningRate: 0.5, weightDecay: 0.5 });
  const model = new Model([layer, new Residual([inner])], {
    loss: new MSE(),
    optimizer,
    inputShape: [2],
  });
  model.trainBatch(noise([3, 2]), noise([3, 2]));
  const changed = (all: Record<string, Parameter>): string[] =>
    Object.keys(all).filter((name) => all[name]?.value.view()[0] !== 1);
  expect(changed(layer.params)).toEqual(['scale', 'bias']);
  expect(changed(inner.params)).toEqual(['beta']);
  const [dense] = [new Dense(2, { inputSize: 1 })];
  expect(Object.values(dense.params).map(({ decays }) => decays)).toEqual([true, false]);
  expectError(
    () => new SGD().step([new Decaying({ scale: 'no' as unknown as boolean })]),
    ArgumentTypeError,
    'Decaying: params.scale.decays must be true or false',
  );
});
