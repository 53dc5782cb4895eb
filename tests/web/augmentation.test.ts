// Layers that change images at random, one at a time.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  ArgumentTypeError,
  type Config,
  Dense,
  init,
  Layer,
  layerFromConfig,
  layerToConfig,
  registerLayer,
  type Shape,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
  ValueError,
  zeros,
} from 'lamella';
import * as images from 'lamella/images';
import {
  augmentations,
  RandomBrightness,
  RandomContrast,
  RandomFlip,
  RandomRotation,
  RandomTranslation,
  RandomZoom,
} from 'lamella/images';
import { make, oneOfEach, types } from './augmentations.js';
import { type ErrorClass, expectError, noise, numbers, runInNode, values } from './support.js';

beforeAll(async () => {
  await init();
  for (const Class of augmentations) registerLayer(Class);
});

/** Images with numbers from 0 to 1. */
function pictures(shape: Shape, seed = 1): Tensor {
  const count = shape.reduce((product, dim) => product * dim, 1);
  return tensor(
    numbers(count, seed).map((value) => (value + 1) / 2),
    shape,
  );
}

/** The images of a batch, each as numbers. */
function imagesOf(batch: Tensor): number[][] {
  const all = values(batch);
  const length = all.length / (batch.shape[0] as number);
  return Array.from({ length: batch.shape[0] as number }, (_, i) =>
    all.slice(i * length, (i + 1) * length),
  );
}

test('the list has all classes', () => {
  expect(augmentations.map(({ type }) => type)).toEqual(types);
});

describe('arguments', () => {
  test('have the defaults of Keras, and go through a configuration', () => {
    const geometric = { fillMode: 'reflect', fillValue: 0, interpolation: 'bilinear', seed: 0 };
    const cases: [Layer, Config][] = [
      [new RandomFlip(), { mode: 'horizontalAndVertical', seed: 0 }],
      [new RandomTranslation(0.1, [0, 0.2]), { heightFactor: 0.1, widthFactor: [0, 0.2], ...geometric }], // prettier-ignore
      [new RandomRotation(0.1), { factor: 0.1, ...geometric }],
      [new RandomZoom([-0.2, 0.1]), { heightFactor: [-0.2, 0.1], ...geometric }],
      [new RandomZoom(0.1, 0.3), { heightFactor: 0.1, widthFactor: 0.3, ...geometric }],
      [new RandomBrightness(0.2), { factor: 0.2, range: [0, 1], seed: 0 }],
      [new RandomContrast(0.2), { factor: 0.2, range: [0, 1], seed: 0 }],
      [
        new RandomRotation(0.1, {
          fillMode: 'constant',
          fillValue: -2,
          interpolation: 'nearest',
          seed: 2 ** 53 - 1,
        }),
        { factor: 0.1, fillMode: 'constant', fillValue: -2, interpolation: 'nearest', seed: 2 ** 53 - 1 }, // prettier-ignore
      ],
    ];
    for (const [layer, config] of cases) {
      expect(layer.getConfig()).toEqual({ type: layer.type, ...config });
      const again = layerFromConfig(
        JSON.parse(JSON.stringify(layerToConfig(layer))) as ReturnType<typeof layerToConfig>,
      );
      expect(again.constructor).toBe(layer.constructor);
      expect(again.getConfig()).toEqual(layer.getConfig());
    }
  });

  test('can be read, and are copies', () => {
    const factor: [number, number] = [0, 0.2];
    const zoom = new RandomZoom(factor, 0.1, { fillMode: 'constant', fillValue: 3, seed: 4 });
    factor[1] = 9;
    expect([zoom.heightFactor, zoom.widthFactor, zoom.seed]).toEqual([[0, 0.2], 0.1, 4]);
    expect([zoom.fillMode, zoom.fillValue, zoom.interpolation]).toEqual([
      'constant',
      3,
      'bilinear',
    ]);
    const contrast = new RandomContrast(0.2, { range: [0, 255] });
    (contrast.range as [number, number])[1] = -5;
    expect([contrast.range, contrast.getConfig()['range']]).toEqual([
      [0, 255],
      [0, 255],
    ]);
    expect(new RandomFlip('vertical').mode).toBe('vertical');
    expect(new RandomTranslation(0, 1).widthFactor).toBe(1);
    expect([new RandomRotation(1).factor, new RandomBrightness(1).factor]).toEqual([1, 1]);
    expect(new RandomZoom(0).widthFactor).toBeUndefined();
  });

  test('are read once', () => {
    const list = (...numbers: [number, number]): [number, number] => {
      let reads = 0;
      return Object.defineProperty(numbers, 1, {
        enumerable: true,
        get: () => (reads++ === 0 ? 0.1 : 99),
      });
    };
    const { heightFactor, widthFactor } = new RandomTranslation(list(0, 0.1), list(0, 0.1));
    expect([heightFactor, widthFactor]).toEqual([
      [0, 0.1],
      [0, 0.1],
    ]);
    const layer = new RandomBrightness(list(-0.1, 0.1), { range: list(0, 0.1) });
    expect([layer.factor, layer.range]).toEqual([
      [-0.1, 0.1],
      [0, 0.1],
    ]);
  });

  test.each<[string, unknown[], ErrorClass, string]>([
    ['RandomFlip', ['sideways'], ValueError, "mode must be 'horizontal' or 'vertical' or"],
    ['RandomFlip', [1], ArgumentTypeError, 'mode must be'],
    [
      'RandomFlip',
      ['vertical', 5],
      ArgumentTypeError,
      'options must be an object such as { seed: 5',
    ],
    ['RandomFlip', ['vertical', { sed: 5 }], ValueError, "unknown option 'sed'"],
    ['RandomFlip', ['vertical', { mode: 'horizontal' }], ValueError, 'mode is given twice'],
    ['RandomFlip', ['vertical', { seed: -1 }], ValueError, 'seed must be a whole number'],
    ['RandomFlip', ['vertical', { seed: '1' }], ArgumentTypeError, 'seed must be a whole number'],
    ['RandomFlip', ['vertical', { inputShape: [1, 2, 2] }], ValueError, "'inputShape'"],
    ['RandomTranslation', [], ArgumentTypeError, 'heightFactor must be a number from 0 to 1'],
    ['RandomTranslation', [0.1], ArgumentTypeError, 'widthFactor must be'],
    ['RandomTranslation', [0.1, 1.1], ValueError, 'widthFactor must be'],
    ['RandomTranslation', [[0.2, 0.1], 0], ValueError, 'heightFactor must be'],
    ['RandomTranslation', [[0.1], 0], ArgumentTypeError, 'heightFactor must be'],
    ['RandomTranslation', [['0', 1], 0], ArgumentTypeError, 'heightFactor must be'],
    ['RandomRotation', [-0.1], ValueError, 'factor must be'],
    ['RandomRotation', [NaN], ValueError, 'factor must be'],
    ['RandomRotation', [[NaN, 1]], ValueError, 'factor must be'],
    ['RandomRotation', [0.1, { fillMode: 'mirror' }], ValueError, "fillMode must be 'reflect' or"],
    ['RandomRotation', [0.1, { fillMode: 1 }], ArgumentTypeError, 'fillMode must be'],
    ['RandomRotation', [0.1, { fillValue: Infinity }], ValueError, 'fillValue must be'],
    [
      'RandomRotation',
      [0.1, { fillValue: 3 }],
      ValueError,
      "fillValue 3 needs fillMode 'constant'",
    ],
    ['RandomZoom', [0.1, undefined, { fillMode: 'wrap', fillValue: 3 }], ValueError, "is 'wrap'"],
    ['RandomRotation', [0.1, { interpolation: 'cubic' }], ValueError, 'interpolation must be'],
    ['RandomRotation', [0.1, { fillmode: 'wrap' }], ValueError, "did you mean 'fillMode'"],
    ['RandomZoom', [1], ValueError, 'heightFactor must be a number from 0 to below 1'],
    ['RandomZoom', [[-1, 0]], ValueError, 'heightFactor must be'],
    ['RandomZoom', [0.1, null], ArgumentTypeError, 'widthFactor must be'],
    ['RandomBrightness', [[-2, 0]], ValueError, 'factor must be'],
    ['RandomBrightness', [0.1, { range: [1, 0] }], ValueError, 'range must be [lower, upper]'],
    ['RandomBrightness', [0.1, { range: [0, Infinity] }], ValueError, 'range must be'],
    ['RandomBrightness', [0.1, { range: [0, 1e-50] }], ValueError, 'range must be'],
    ['RandomContrast', [0.1, { range: [1, 1 + 1e-9] }], ValueError, 'range must be'],
    ['RandomBrightness', [0.1, { range: 255 }], ArgumentTypeError, 'range must be'],
    ['RandomContrast', [1.5], ValueError, 'factor must be'],
    ['RandomContrast', [[0.1, -0.2]], ValueError, 'factor must be'],
  ])('%s refuses %j', (type, given, kind, part) => {
    expectError(() => make(type, ...given), kind, `${type}: `, part);
  });
});

describe.each(types)('%s', (type) => {
  const layerOf = (seed?: number): Layer => oneOfEach(seed)[types.indexOf(type)] as Layer;

  test('takes images alone', () => {
    const layer = layerOf();
    expectError(() => layer.forward(zeros([2, 3])), ShapeError, type, '[2, 3]', 'height');
    expectError(() => layer.forward([[1]] as unknown as Tensor), ArgumentTypeError, type, 'Tensor');
    expectError(() => layer.build([3, 4]), ShapeError, `${type}: takes images`, '[3, 4]');
    expectError(
      () => layer.forward(zeros([1, 1, 2, 2]), 1 as unknown as boolean),
      ArgumentTypeError,
      'training',
    );
    layer.build([1, 4, 4]);
    expect([layer.inputShape, layer.outputShape]).toEqual([
      [1, 4, 4],
      [1, 4, 4],
    ]);
    expectError(() => layer.forward(zeros([2, 1, 4, 5])), ShapeError, '[2, 1, 4, 5]', '[batch, 1,');
    expect(layer.forward(zeros([0, 1, 4, 4])).shape).toEqual([0, 1, 4, 4]);
  });

  test('returns its input in inference, and the gradient of that', () => {
    const layer = layerOf();
    const x = pictures([2, 1, 4, 4]);
    expect(layer.forward(x, false)).toBe(x);
    expect(values(layer.state['position'] as Tensor)).toEqual([0, 0]);
    const gradient = noise([2, 1, 4, 4]);
    expect(layer.backward(gradient)).toBe(gradient);
    expect(layer.input).toBeUndefined();
  });

  test('draws for each image and each call anew', () => {
    const layer = layerOf(3);
    const image = pictures([1, 2, 6, 7]);
    const batch = tensor(Array.from({ length: 20 }, () => values(image)).flat(), [20, 2, 6, 7]);
    const [first, second] = [layer.forward(batch), layer.forward(batch)].map(imagesOf);
    const kinds = (images: number[][] = []): number => new Set(images.map(String)).size;
    // An image is flipped in four ways at most.
    expect(kinds(first)).toBeGreaterThanOrEqual(type === 'RandomFlip' ? 3 : 20);
    expect(first).not.toEqual(second);
    expect(kinds([...(first ?? []), ...(second ?? [])])).toBe(type === 'RandomFlip' ? 4 : 40);
    expect(values(batch)).toEqual(Array.from({ length: 20 }, () => values(image)).flat());
    expect(values(layer.state['position'] as Tensor)).toEqual([40, 0]);
  });

  test('does the same by the same seed, however the images are cut into batches', () => {
    const x = pictures([12, 1, 5, 5]);
    const run = (seed?: number): number[] => values(layerOf(seed).forward(x));
    expect(run(7)).toEqual(run(7));
    expect(run()).toEqual(run(0));
    expect(run(7)).not.toEqual(run(8));
    // The upper half of a seed counts as well.
    expect(run(7)).not.toEqual(run(7 + 2 ** 32));
    const parts = layerOf(7);
    const halves = [0, 6].map((start) => {
      const half = values(x).slice(start * 25, (start + 6) * 25);
      return values(parts.forward(tensor(half, [6, 1, 5, 5])));
    });
    expect(halves.flat()).toEqual(run(7));
  });

  test('goes on at a position, up to 2^48', () => {
    const x = pictures([3, 1, 5, 5]);
    const layer = layerOf();
    layer.forward(x);
    const next = values(layer.forward(x));
    const other = layerOf();
    other.state = { position: [3, 0] };
    expect(values(other.forward(x))).toEqual(next);

    other.state = { position: [2 ** 24 - 2, 2 ** 24 - 2] };
    const far = values(other.forward(x));
    expect(values(other.state['position'] as Tensor)).toEqual([1, 2 ** 24 - 1]);
    expect(far).not.toEqual(next);
    other.state = { position: [2 ** 24 - 2, 2 ** 24 - 3] };
    expect(values(other.forward(x))).not.toEqual(far);
    for (const position of [
      [0.5, 0],
      [NaN, 0],
      [0, -1],
      [2 ** 24, 0],
    ]) {
      expectError(() => (other.state = { position }), ValueError, `${type}: state.position`);
      expect(values(other.state['position'] as Tensor)).toEqual([1, 2 ** 24 - 2]);
      // A file is read into the tensor itself.
      const loaded = layerOf();
      loaded.state['position']?.set(position);
      expectError(() => loaded.forward(x), ValueError, `${type}: state.position`);
      expect(values(loaded.state['position'] as Tensor)).toEqual(position);
    }
    expectError(() => (other.state = { place: [0, 0] }), ValueError, "unknown state 'place'");
  });

  test('begins anew after 2^48 images', () => {
    const x = pictures([3, 1, 5, 5]);
    const layer = layerOf();
    layer.state = { position: [2 ** 24 - 2, 2 ** 24 - 1] };
    const last = imagesOf(layer.forward(x))[2];
    expect(values(layer.state['position'] as Tensor)).toEqual([1, 0]);
    const fresh = layerOf();
    const third = tensor(values(x).slice(50), [1, 1, 5, 5]);
    expect(values(fresh.forward(third))).toEqual(last);
    expect(values(layer.forward(x))).toEqual(values(fresh.forward(x)));
  });

  test('has the gradient that finite differences have', () => {
    const shape = [3, 2, 4, 5];
    const x = pictures(shape, 5);
    const weights = numbers(x.size, 9);
    const layer = layerOf(11);
    const output = layer.forward(x);
    if (type !== 'RandomFlip') expect(layer.input).toBe(x);
    const gradient = values(layer.backward(tensor(weights, shape)));
    output.dispose();
    const loss = (at: number, step: number): number => {
      const moved = x.toArray();
      (moved[at] as number) += step;
      layer.state = { position: [0, 0] };
      return values(layer.forward(tensor(moved, shape))).reduce(
        (sum, value, i) => sum + value * (weights[i] as number),
        0,
      );
    };
    const step = 1 / 1024;
    const differences = gradient.map((_, i) => (loss(i, step) - loss(i, -step)) / (2 * step));
    // Values within a step of the range's ends are clipped on one side alone.
    const wrong = gradient.filter(
      (value, i) => Math.abs(value - (differences[i] as number)) > 2e-3,
    );
    expect(wrong.length).toBeLessThanOrEqual(type === 'RandomBrightness' ? 2 : 0);
    expect(gradient.filter((value) => value !== 0).length).toBeGreaterThan(60);
  });

  test('refuses gradients of other shapes, and too early', () => {
    const layer = layerOf();
    expectError(() => layer.backward(zeros([1, 1, 2, 2])), StateError, type, 'before forward');
    layer.forward(zeros([1, 1, 2, 2]));
    expectError(() => layer.backward(zeros([1, 1, 2, 3])), ShapeError, type, '[1, 1, 2, 3]');
    expectError(() => layer.backward(1 as unknown as Tensor), ArgumentTypeError, type, 'Tensor');
  });

  test('is of no use after dispose(), which may come twice', () => {
    const layer = layerOf();
    layer.dispose();
    layer.dispose();
    for (const training of [true, false]) {
      expectError(() => layer.forward(zeros([1, 1, 2, 2]), training), StateError, type, 'dispose');
    }
  });
});

test('before init() errors name the layer', async () => {
  const report = await runInNode(`
    import { augmentations } from 'lamella/images';
    const messages = augmentations.map((Class) => {
      try {
        return new Class(...[0.1, 0.1].slice(0, Class.length));
      } catch (error) {
        return error.name + ': ' + error.message;
      }
    });
    report(messages);
  `);
  expect(report).toEqual(types.map((type) => `StateError: ${type}: call await init() first`));
});

test('the six classes are exported, and not those that they extend', () => {
  const classes = Object.keys(images).filter((name) => /Random|Augmentation/.test(name));
  expect(classes.sort()).toEqual([...types].sort());
});

test('a class of one’s own may extend one', () => {
  class Mirror extends RandomFlip {
    static override readonly type = 'Mirror';
  }
  expect(new Mirror('vertical').getConfig()).toEqual({ type: 'Mirror', mode: 'vertical', seed: 0 });
  expect(new Mirror()).not.toBeInstanceOf(Dense);
  expect(new Mirror()).toBeInstanceOf(Layer);
});
