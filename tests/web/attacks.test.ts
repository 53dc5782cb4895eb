// Plain calls that once broke the engine and have no other test: each stands for its kind.
import { beforeAll, expect, test } from '@jest/globals';
import {
  Accuracy,
  ArgumentTypeError,
  Dense,
  init,
  LamellaError,
  Layer,
  loadLayersModel,
  missingFeatures,
  Model,
  MSE,
  ReLU,
  SGD,
  ShapeError,
  StateError,
  Tensor,
  zeros,
} from 'lamella';
import { expectError, rejection, runInNode } from './support.js';

beforeAll(() => init());

test('new weights that there is no memory for leave a layer as it was', async () => {
  const result = await runInNode(
    `import { Dense, init, zeros } from 'lamella';
    await init();
    const layer = new Dense(1000, { inputSize: 1000, noBias: true });
    const [before, x] = [layer.weights.toArray(), zeros([1, 1000])];
    const held = [];
    for (let size = 2 ** 21; size > 0; size >>= 1) {
      try {
        for (;;) held.push(zeros([size]));
      } catch {
        // Full.
      }
    }
    let name;
    try {
      layer.initWeights('he', false);
    } catch (error) {
      ({ name } = error);
    }
    for (const each of held) each.dispose();
    layer.backward(layer.forward(x));
    const same = layer.weights.toArray().every((value, i) => value === before[i]);
    report([name, layer.noBias, same, Object.keys(layer.params)]);`,
    ['--wasm-max-mem-pages=1024'],
  );
  expect(result).toEqual(['OutOfMemoryError', true, true, ['weights']]);
});

test('a prediction that fails within a loss leaves nothing for the garbage collector to trip over', async () => {
  const result = await runInNode(
    `import { Dense, init, Loss, Model, zeros } from 'lamella';
    await init();
    class Curious extends Loss {
      value() {
        try {
          this.model.predict(zeros([1, 7]));
        } catch {
          // A wrong shape, in the middle of another call.
        }
        return 1;
      }
      gradient(output) { return output; }
    }
    const loss = new Curious();
    loss.model = new Model([new Dense(2, { inputSize: 2 })], { loss });
    for (let i = 0; i < 50; i++) loss.model.evaluate(zeros([1, 2]), zeros([1, 2]));
    for (let i = 0; i < 5; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    report(loss.model.evaluate(zeros([1, 2]), zeros([1, 2])).loss);`,
    ['--expose-gc'],
  );
  expect(result).toBe(1);
});

test('accuracy of 30,000 classes needs memory for them, not for their pairs', () => {
  expect(new Accuracy().compute(zeros([4, 30_000]), zeros([4, 1]))).toBe(1);
});

test('an overflow of the stack while a layer is built does not mark later messages', () => {
  class Deep extends Layer {
    deep = true;
    override build(inputShape: readonly number[]): void {
      if (this.deep) this.build(inputShape);
      super.build(inputShape);
    }
    forward(input: Tensor): Tensor {
      return input;
    }
    backward(gradient: Tensor): Tensor {
      return gradient;
    }
  }
  const deep = new Deep();
  expect(() => new Model([new ReLU(), deep], { inputShape: [2] })).toThrow(RangeError);
  expectError(() => new Dense(1, { inputSize: 2 }).forward(zeros([1, 3])), ShapeError, 'Dense: ');
  try {
    new Dense(1, { inputSize: 2 }).forward(zeros([1, 3]));
  } catch (error) {
    expect((error as Error).message).toMatch(/^Dense: /);
  }
  deep.deep = false;
  expect(new Model([new ReLU(), deep], { inputShape: [2] }).predict(zeros([1, 2])).shape).toEqual([
    1, 2,
  ]);
});

test.each([[undefined], [null], [5], [[1, 2]], [{}]])('new Tensor(%p) is refused', (value) => {
  expectError(
    () => new Tensor(value as never),
    ArgumentTypeError,
    'Tensor must be made by tensor()',
  );
});

test('a part that throws null costs no memory', () => {
  class Null extends Layer {
    forward(): Tensor {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- as users may
      throw null;
    }
    backward(gradient: Tensor): Tensor {
      return gradient;
    }
  }
  const model = new Model([new Dense(1000, { inputSize: 2 }), new Null()]);
  const x = zeros([4000, 2]);
  const bytes = (): number => zeros([1]).view().buffer.byteLength;
  expect(() => model.predict(x)).toThrow('forward() has thrown null');
  const before = bytes();
  for (let i = 0; i < 40; i++) expect(() => model.predict(x)).toThrow('null');
  expect(bytes()).toBe(before);
});

test('a layer or loss of two models lives until neither has it', async () => {
  const shared = new Dense(2, { inputSize: 2 });
  const loss = new MSE();
  const first = new Model([shared], { loss });
  const second = new Model([shared, new ReLU()], { loss, optimizer: new SGD() });
  first.dispose();
  expect(shared.weights.size).toBe(4);
  await second.train([[1, 2]], [[1, 2]]);
  second.dispose();
  expectError(() => shared.weights, StateError, 'Dense: used after dispose()');
});

test('promises of methods that must not be asynchronous do not end the process', async () => {
  const result = await runInNode(`
    import { init, Layer, Metric, Model, zeros } from 'lamella';
    await init();
    class Late extends Layer {
      async forward() { throw new Error('mine'); }
      backward(gradient) { return gradient; }
    }
    const names = [];
    try {
      new Model([new Late()], { inputShape: [2] }).predict(zeros([1, 2]));
    } catch (error) {
      names.push(error.name);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    report(names);`);
  expect(result).toEqual(['ArgumentTypeError']);
});

test('files that hold themselves, variants that there are not', async () => {
  const files: unknown[] = [];
  files.push(files);
  const error = await rejection(() => loadLayersModel('{}', files as never));
  expect(error).toBeInstanceOf(LamellaError);
  expectError(() => missingFeatures('x' as never), ArgumentTypeError, 'missingFeatures: variant');
});
