// Plain calls, of which none may write where it should not, leave a change half made or answer wrong.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  BatchNormalization,
  BatchNormalization2D,
  BinaryCrossEntropy,
  Convolutional,
  Dense,
  Dropout,
  init,
  Layer,
  Loss,
  Model,
  MSE,
  ReLU,
  Residual,
  saveCheckpoint,
  SGD,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
  ValueError,
  zeros,
} from 'lamella';
import { expectError, values } from './support.js';

beforeAll(() => init());

const options = (): { loss: MSE; optimizer: SGD } => ({ loss: new MSE(), optimizer: new SGD() });

/** A layer that does something on its way. */
class Busy extends Layer {
  act: (() => void) | undefined;
  forward(input: Tensor): Tensor {
    this.act?.();
    return input;
  }
  backward(gradient: Tensor): Tensor {
    return gradient;
  }
}

describe('a layer of a model', () => {
  test.each<[string, () => Layer]>([
    ['without parameters', () => new ReLU()],
    ['with parameters', () => new Dense(8)],
    ['within a block', () => new Residual([new ReLU()])],
  ])('%s keeps its shape', (_, make) => {
    const shared = make();
    const model = new Model([new Dense(8, { inputSize: 2 }), shared]);
    const others = Array.from({ length: 200 }, () => tensor([1, 1, 1, 1]));
    const wanted = values(model.predict(zeros([10, 2])));
    const wrong = ['is part of a model', '[8]', '[3]'];
    expectError(() => new Model([new Dense(3, { inputSize: 2 }), shared]), StateError, ...wrong);
    expectError(() => shared.build([3]), StateError, ...wrong);
    expect(values(model.predict(zeros([10, 2])))).toEqual(wanted);
    for (const other of others) expect(values(other)).toEqual([1, 1, 1, 1]);
  });

  test('inside a block keeps its shape', () => {
    const inner = new Dense(2);
    const model = new Model([new Residual([inner])], { inputShape: [2] });
    expectError(() => inner.build([3]), StateError, 'is part of a model');
    expect(model.predict(zeros([1, 2])).shape).toEqual([1, 2]);
  });

  test('may be part of another for the same shape, where it keeps its weights', () => {
    const backbone = new Model([new Dense(4, { inputSize: 3 }), new ReLU()], { seed: 1 });
    const { weights } = backbone.layers[0] as Dense;
    const before = values(weights);
    const model = new Model([...backbone.layers, new Dense(2)], { seed: 2 });
    expect(model.outputShape).toEqual([2]);
    expect(values(weights)).toEqual(before);
  });

  test('is free again when its model cannot be made', () => {
    const relu = new ReLU();
    expectError(
      () => new Model([new Dense(8, { inputSize: 2 }), relu, new Convolutional(1, 3)]),
      ShapeError,
      'layer 2: Convolutional',
    );
    relu.build([3]);
    expect(relu.outputShape).toEqual([3]);
  });

  test('appears once, blocks included', () => {
    const layer = new Dense(2, { inputSize: 2 });
    expectError(() => new Model([layer, new Residual([layer])]), ValueError, 'appears twice');
    expectError(
      () => new Model([new Residual([new Residual([layer])]), new Residual([layer])]),
      ValueError,
      'appears twice',
    );
  });

  test('keeps numbers that were written into it', () => {
    const layer = new Dense(1, { inputSize: 2, noBias: true });
    layer.weights.set([7, 8]);
    expect(values(new Model([layer]).predict(tensor([[1, 1]])))).toEqual([15]);
  });
});

describe('a model that cannot be made leaves its layers', () => {
  test('with their weights and shapes', () => {
    const layers = [new Dense(3), new BatchNormalization(), new Dropout()];
    let shape = [7];
    for (const layer of layers) {
      layer.build(shape);
      shape = [...layer.outputShape];
    }
    const numbers = (): unknown =>
      layers.map(({ params, state, inputShape }) => [
        inputShape,
        ...Object.values(params).map(({ value }) => values(value)),
        ...Object.values(state).map(values),
      ]);
    const before = numbers();
    expect(
      () => new Model([...layers, new Convolutional(1, 3)], { inputShape: [9], seed: 5 }),
    ).toThrow('Model: layer 3: Convolutional: input must be images');
    expect(numbers()).toEqual(before);
  });
});

describe('calls from within calls', () => {
  test.each<[string, (model: Model) => unknown]>([
    ['predict', (model) => model.predict(zeros([3, 2]))],
    ['evaluate', (model) => model.evaluate(zeros([3, 2]), zeros([3, 2]))],
    ['trainBatch', (model) => model.trainBatch(zeros([3, 2]), zeros([3, 2]))],
  ])('%s of the same model is refused', (_, call) => {
    const layer = new Busy();
    const model = new Model([new Dense(2, { inputSize: 2 }), layer], options());
    layer.act = () => call(model);
    const [x, y] = [zeros([1, 2]), zeros([1, 2])];
    const wanted = "the model's Dense is in use by a call that has not returned";
    expectError(() => model.predict(x), StateError, wanted);
    expectError(() => model.trainBatch(x, y), StateError, wanted);
    layer.act = undefined;
    expect(model.predict(x).shape).toEqual([1, 2]);
  });

  test('of another model with one of its layers, too, and of a block around it', () => {
    const inner = new Dense(2, { inputSize: 2 });
    const block = new Residual([inner]);
    const layer = new Busy();
    const model = new Model([block, layer], { inputShape: [2] });
    const other = new Model([block], { inputShape: [2] });
    layer.act = () => other.predict(zeros([3, 2]));
    const wanted = "Model.predict: the model's Residual is in use";
    expectError(() => model.predict(zeros([1, 2])), StateError, wanted);
    layer.act = () => block.forward(zeros([3, 2]));
    expectError(() => model.predict(zeros([1, 2])), StateError, 'Residual: is in use by a call');
    layer.act = () => other.evaluate(zeros([3, 2]), zeros([3, 2]));
    expectError(() => model.predict(zeros([1, 2])), StateError);
    layer.act = undefined;
    expect(other.predict(model.predict(zeros([1, 2]))).shape).toEqual([1, 2]);
  });

  test('that overflow the stack leave the model free', () => {
    const layer = new Busy();
    const model = new Model([new Dense(2, { inputSize: 2 }), layer]);
    const deeper = (): unknown => deeper();
    layer.act = deeper;
    expect(() => model.predict(zeros([1, 2]))).toThrow(RangeError);
    layer.act = undefined;
    expect(model.predict(zeros([1, 2])).shape).toEqual([1, 2]);
  });

  test('a loss that predicts more samples writes nowhere', () => {
    class Curious extends Loss {
      model: Model | undefined;
      value(): number {
        this.model?.predict(zeros([4000, 3]));
        return 1;
      }
      gradient(output: Tensor): Tensor {
        return output;
      }
    }
    const loss = new Curious();
    loss.model = new Model([new Dense(8, { inputSize: 3 })], { loss, optimizer: new SGD() });
    const { model } = loss;
    const call = (): unknown => model.evaluate(zeros([2, 3]), zeros([2, 8]));
    expectError(call, StateError, "Model.predict: the model's Dense is in use");
  });

  test('a layer of it is not run alone, and then nothing is learned', () => {
    const dense = new Dense(2, { inputSize: 2 });
    const busy = new Busy();
    class Late extends Loss {
      value(): number {
        busy.act?.();
        return 1;
      }
      gradient(output: Tensor): Tensor {
        return output;
      }
    }
    const model = new Model([dense, busy], { loss: new Late(), optimizer: new SGD() });
    busy.act = () => dense.forward(tensor([[3, 4]]));
    const before = values(dense.weights);
    const [x, y] = [tensor([[1, 2]]), zeros([1, 2])];
    const wanted = 'Dense: is in use by a call of its model that has not returned';
    expectError(() => model.trainBatch(x, y), StateError, wanted);
    expect(values(dense.weights)).toEqual(before);
  });
});

describe('numbers', () => {
  test('a constant channel normalizes to 0', () => {
    for (const value of [100.1, 3.3, -7e5]) {
      const layer = new BatchNormalization2D();
      layer.build([1, 28, 28]);
      const x = tensor(new Float32Array(4 * 784).fill(value), [4, 1, 28, 28]);
      expect(
        layer
          .forward(x)
          .toArray()
          .every((each) => each === 0),
      ).toBe(true);
    }
  });

  test('batch normalization cannot train on one value a channel', async () => {
    const model = new Model([new BatchNormalization(), new Dense(1)], {
      ...options(),
      inputShape: [1],
    });
    await expect(model.train([[1], [2]], [[1], [2]], { batchSize: 1 })).rejects.toThrow(
      'BatchNormalization: training needs more than one value a channel',
    );
    expect(model.predict(tensor([[1]])).shape).toEqual([1, 1]);
  });

  test('a certain and right prediction costs nothing, be it infinite', () => {
    const loss = new BinaryCrossEntropy();
    expect(loss.value(tensor([[Infinity]]), tensor([[1]]))).toBe(0);
    expect(loss.value(tensor([[-Infinity]]), tensor([[0]]))).toBe(0);
    expect(loss.value(tensor([[-Infinity]]), tensor([[1]]))).toBe(Infinity);
  });

  test('blocks within blocks have weights of their own', () => {
    const block = (depth: number): Layer =>
      depth === 0 ? new Dense(2) : new Residual([block(depth - 1), block(depth - 1)]);
    const model = new Model([block(5)], { inputShape: [2] });
    const weights = Object.entries(model.layers[0]?.params ?? {})
      .filter(([name]) => name.endsWith('weights'))
      .map(([, { value }]) => values(value).join());
    expect(weights).toHaveLength(32);
    expect(new Set(weights).size).toBe(32);
  });
});

/**
 * Runs `body` while a setter of a prototype, which embind's results meet, calls `meddle` for the first
 * object that it is to.
 */
async function withSetter(
  [prototype, name]: [object, string],
  isMeant: (owner: Record<string, unknown>) => boolean,
  meddle: () => void,
  body: () => unknown,
): Promise<void> {
  let armed = true;
  Object.defineProperty(prototype, name, {
    configurable: true,
    set(this: Record<string, unknown>, value: unknown) {
      const own = { value, writable: true, enumerable: true, configurable: true };
      Object.defineProperty(this, name, own);
      if (!armed || !isMeant(this)) return;
      armed = false;
      meddle();
      // New tensors write over memory that is free, so that a use of it shows.
      for (let i = 0; i < 300; i++) zeros([16]);
    },
  });
  try {
    await body();
  } finally {
    Reflect.deleteProperty(prototype, name);
  }
  expect(armed).toBe(false);
}

test('a setter of Array.prototype may dispose of the layer whose shape is read', async () => {
  const layer = new Convolutional(4, 3);
  layer.build([3, 9, 9]);
  let shape: readonly number[] = [];
  await withSetter(
    [Array.prototype, '0'],
    (owner) => owner['0'] === 3,
    () => layer.dispose(),
    () => {
      shape = layer.inputShape;
    },
  );
  expect(Array.from(shape)).toEqual([3, 9, 9]);
});

test('a setter of Object.prototype may dispose of the optimizer whose state is read', async () => {
  const optimizer = new Adam();
  const layers = [new Dense(3, { inputSize: 2 }), new Dense(3)];
  const model = new Model(layers, { loss: new MSE(), optimizer });
  model.trainBatch(tensor([[1, 2]]), tensor([[1, 0, 0]]));
  let outcome: unknown;
  await withSetter(
    [Object.prototype, 'decays'],
    ({ name }) => /momentum/.test(String(name)),
    () => {
      model.dispose();
      optimizer.dispose();
    },
    () => saveCheckpoint(model).then(() => undefined, (error: unknown) => (outcome = error)), // prettier-ignore
  );
  if (outcome !== undefined) expect(outcome).toBeInstanceOf(StateError);
});
