// Windows for each axis: the forms of their options, in files and workers too, and what they refuse.
import { describe, expect, test } from '@jest/globals';
import {
  ArgumentTypeError,
  AveragePooling2D,
  Convolutional,
  Flatten,
  type Layer,
  layerFromConfig,
  loadNpz,
  MaxPooling2D,
  Model,
  type Padding,
  saveNpz,
  type Shape,
  StateError,
  tensor,
  ValueError,
} from 'lamella';
import { type ErrorClass, expectError, noise, numbers, values } from './support.js';
import { useClient } from './use-client.js';

const shared = useClient();

/** As a JavaScript user may call it. */
type Loose = new (...values: unknown[]) => Layer;

const sameOnBothAxes: [unknown, Padding][] = [
  [[1, 1], 1],
  [
    [
      [1, 1],
      [1, 1],
    ],
    1,
  ],
];

describe('a configuration', () => {
  test('has the plain number where both axes agree', () => {
    const options = { stride: [2, 2], dilation: [1, 1] } as const;
    const layer = new Convolutional(4, [3, 3], options);
    expect(layer.getConfig()).toEqual(new Convolutional(4, 3, { stride: 2 }).getConfig());
    expect([layer.kernelSize, layer.stride, layer.dilation]).toEqual([3, 2, 1]);
    expect(new MaxPooling2D([2, 2], { stride: [2, 2] }).getConfig()).toEqual(
      new MaxPooling2D(2).getConfig(),
    );
    for (const [padding, plain] of sameOnBothAxes) {
      const padded = new (Convolutional as Loose)(1, 3, { padding });
      expect(padded.getConfig()['padding']).toBe(plain);
    }
  });

  test('has pairs else, and rebuilds the layer', () => {
    const convolution = new Convolutional(4, [1, 5], {
      stride: [2, 1],
      dilation: [1, 2],
      padding: [0, 3],
    });
    expect(convolution.getConfig()).toMatchObject({
      kernelSize: [1, 5],
      stride: [2, 1],
      dilation: [1, 2],
      padding: [
        [0, 0],
        [3, 3],
      ],
    });
    const pool = new AveragePooling2D([2, 3], { padding: 'same-upper', countIncludePad: true });
    expect(pool.getConfig()).toEqual({
      type: 'AveragePooling2D',
      poolSize: [2, 3],
      stride: [2, 3],
      padding: 'same-upper',
      countIncludePad: true,
    });
    expect(pool.countIncludePad).toBe(true);
    expect(new AveragePooling2D().countIncludePad).toBe(false);
    for (const layer of [convolution, pool]) {
      const config = layer.getConfig() as Parameters<typeof layerFromConfig>[0];
      expect(layerFromConfig(config).getConfig()).toEqual(config);
    }
  });

  test('is kept by files', async () => {
    const layers = (): Layer[] => [
      new Convolutional(2, [1, 4], {
        stride: [1, 2],
        padding: [
          [0, 0],
          [3, 1],
        ],
      }),
      new AveragePooling2D([2, 1], { padding: [1, 0], countIncludePad: true }),
      new MaxPooling2D(2, { padding: 'same-upper' }),
    ];
    const model = new Model(layers(), { inputShape: [1, 5, 8] });
    const again = await loadNpz(await saveNpz(model));
    expect(again.layers.map((layer) => layer.getConfig())).toEqual(
      model.layers.map((layer) => layer.getConfig()),
    );
    const x = noise([2, 1, 5, 8]);
    expect(values(again.predict(x))).toEqual(values(model.predict(x)));
  });

  test('describes layers in a worker', async () => {
    const layers = [
      {
        type: 'Convolutional',
        outputDepth: 2,
        kernelSize: [1, 3],
        stride: [1, 2],
        padding: [
          [0, 0],
          [2, 0],
        ],
      },
      { type: 'MaxPooling2D', poolSize: [2, 1], padding: 'same-upper' },
      { type: 'AveragePooling2D', poolSize: 2, padding: 1, countIncludePad: true },
      { type: 'Flatten' },
    ] as const;
    const options = { inputShape: [1, 5, 8], seed: 3 };
    using remote = await shared.client.model(layers, options);
    const { padding, kernelSize, stride } = layers[0];
    using local = new Model(
      [
        new Convolutional(2, kernelSize, { padding, stride }),
        new MaxPooling2D([2, 1], { padding: 'same-upper' }),
        new AveragePooling2D(2, { padding: 1, countIncludePad: true }),
        new Flatten(),
      ],
      options,
    );
    const { data } = await remote.predict(numbers(80));
    expect(Array.from(data)).toEqual(values(local.predict(noise([2, 1, 5, 8]))));
  });
});

describe('padding', () => {
  const sides: Padding = [
    [1, 0],
    [2, 3],
  ];
  test.each<[Padding, Shape, unknown]>([
    ['valid', [1, 2, 3], 0],
    ['same', [1, 3, 4], 1],
    ['same-upper', [1, 3, 4], [1, 0]],
    [1, [1, 3, 4], 1],
    [
      [0, 2],
      [1, 2, 5],
      [0, 2],
    ],
    [sides, [1, 2, 6], [1, 2]],
  ])('%j: output %j', (padding, shape, before) => {
    const layer = new Convolutional(1, 3, { padding, stride: 2, inputShape: [1, 5, 8] });
    expect(layer.outputShape).toEqual(shape);
    expect(layer.padding).toEqual(before);
    expect(layer.backward(layer.forward(noise([2, 1, 5, 8]))).shape).toEqual([2, 1, 5, 8]);
  });

  test("of 'same-upper' is known with the images", () => {
    const layer = new Convolutional(1, 3, { padding: 'same-upper' });
    expectError(() => layer.padding, StateError, 'known after build()');
  });

  test('stands at its sides', () => {
    const layer = new Convolutional(1, 1, {
      padding: [
        [1, 0],
        [0, 2],
      ],
      noBias: true,
      inputShape: [1, 1, 2],
    });
    layer.loadParams({ kernels: [[[[1]]]] });
    const output = layer.forward(tensor([3, 4], [1, 1, 1, 2]));
    expect(values(output)).toEqual([0, 0, 0, 0, 3, 4, 0, 0]);
  });
});

describe('pools with padding', () => {
  const image = (): ReturnType<typeof tensor> => tensor([-1, -2, -3, -4, -5, -6], [1, 1, 2, 3]);

  test('MaxPooling2D ignores it', () => {
    const layer = new MaxPooling2D(2, { padding: 1 });
    expect(values(layer.forward(image()))).toEqual([-1, -2, -4, -5]);
    const gradient = layer.backward(tensor([1, 2, 3, 4], [1, 1, 2, 2]));
    expect(values(gradient)).toEqual([1, 2, 0, 3, 4, 0]);
  });

  test('AveragePooling2D counts it if asked', () => {
    const pooled = (countIncludePad?: boolean): [number[], number[]] => {
      const layer = new AveragePooling2D(2, { padding: 1, countIncludePad });
      const output = layer.forward(image());
      return [values(output), values(layer.backward(tensor([4, 8, 4, 8], [1, 1, 2, 2])))];
    };
    expect(pooled()).toEqual([
      [-1, -2.5, -4, -5.5],
      [4, 4, 4, 4, 4, 4],
    ]);
    expect(pooled(true)).toEqual([
      [-0.25, -1.25, -1, -2.75],
      [1, 2, 2, 1, 2, 2],
    ]);
  });

  test('rectangular ones see their own rows and columns', () => {
    const layer = new MaxPooling2D([1, 2], { stride: 1, inputShape: [1, 2, 3] });
    expect(values(layer.forward(image()))).toEqual([-1, -2, -4, -5]);
    expect(layer.outputShape).toEqual([1, 2, 2]);
  });

  test.each([MaxPooling2D, AveragePooling2D])('%p: no window lies in it alone', (Pooling) => {
    const { name } = Pooling;
    for (const padding of [
      2,
      [0, 3],
      [
        [0, 2],
        [0, 0],
      ],
    ] as Padding[]) {
      expectError(
        () => new Pooling([2, 3], { padding }),
        ValueError,
        `${name}: padding must be smaller than poolSize, got poolSize [2, 3] with padding`,
      );
    }
    const layer = new Pooling(3, { padding: 2, stride: 1, inputShape: [1, 1, 1] });
    expect(layer.outputShape).toEqual([1, 3, 3]);
  });
});

describe('what makes no sense is refused', () => {
  const pairs: [string, (value: unknown) => unknown][] = [
    ['Convolutional: kernelSize', (value) => new (Convolutional as Loose)(1, value)],
    ['Convolutional: stride', (stride) => new (Convolutional as Loose)(1, 3, { stride })],
    ['Convolutional: dilation', (dilation) => new (Convolutional as Loose)(1, 3, { dilation })],
    ['MaxPooling2D: poolSize', (value) => new (MaxPooling2D as Loose)(value)],
    ['AveragePooling2D: stride', (stride) => new (AveragePooling2D as Loose)(2, { stride })],
  ];
  test.each(pairs)('%s', (name, make) => {
    const wanted = 'must be a whole number of at least 1 or a pair [vertical, horizontal] of them';
    expectError(() => make([0, 1]), ValueError, `${name} ${wanted}, got [0, 1]`);
    expectError(() => make([1, 2 ** 31]), ValueError, `${name} must be`, 'below 2^31 or a pair');
    expectError(() => make([1, '2']), ArgumentTypeError, `${name} ${wanted}, got [1, '2']`);
    expectError(() => make([1, 2, 3]), ArgumentTypeError, `${name} ${wanted}, got [1, 2, 3]`);
    expectError(() => make([]), ArgumentTypeError, `${name} ${wanted}, got []`);
    expectError(() => make([[1, 2], 3]), ArgumentTypeError, `${name} ${wanted}`);
  });

  test.each<[unknown, ErrorClass]>([
    ['same-lower', ValueError],
    [[1], ValueError],
    [[1, 2, 3, 4], ValueError],
    [[1, -1], ValueError],
    [
      [
        [1, 2],
        [3, -4],
      ],
      ValueError,
    ],
    [
      [
        [1, 2],
        [3, null],
      ],
      ArgumentTypeError,
    ],
    [[[1, 2, 3], [4]], ArgumentTypeError],
    [[[1, 2], 3, 4], ArgumentTypeError],
    [[1, [2, 3]], ArgumentTypeError],
    [[[1, 2], [3, 4], []], ArgumentTypeError],
    [[[]], ArgumentTypeError],
  ])('padding %j', (padding, kind) => {
    for (const [name, make] of [
      ['Convolutional', () => new (Convolutional as Loose)(1, 9, { padding })],
      ['MaxPooling2D', () => new (MaxPooling2D as Loose)(9, { padding })],
    ] as const) {
      expectError(
        make,
        kind,
        `${name}: padding must be 'valid', 'same', 'same-upper', a whole number of at least 0, ` +
          'a pair [vertical, horizontal] or [[top, bottom], [left, right]] of them, got ',
      );
    }
  });

  test('an option of another layer', () => {
    expectError(
      () => new (MaxPooling2D as Loose)(2, { countIncludePad: true }),
      ValueError,
      "unknown option 'countIncludePad'",
    );
    expectError(
      () => new (AveragePooling2D as Loose)(2, { countIncludePad: 1 }),
      ArgumentTypeError,
      'AveragePooling2D: countIncludePad must be true or false',
    );
  });
});
