// The numbers that augmentation draws and makes: by seeds, and as Keras makes them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { init, type Layer, type Shape, type Tensor, tensor, ValueError, zeros } from 'lamella';
import {
  RandomBrightness,
  RandomContrast,
  RandomFlip,
  RandomRotation,
  RandomTranslation,
} from 'lamella/images';
import { make, oneOfEach, types } from './augmentations.js';
import { expectError, values } from './support.js';

beforeAll(() => init());

/** The images of a batch, each as numbers. */
function imagesOf(batch: Tensor): number[][] {
  const all = values(batch);
  const length = all.length / (batch.shape[0] as number);
  return Array.from({ length: batch.shape[0] as number }, (_, i) =>
    all.slice(i * length, (i + 1) * length),
  );
}

describe('what is drawn', () => {
  const constant = (image: number[], count: number, shape: Shape): Tensor =>
    tensor(Array.from({ length: count }, () => image).flat(), [count, ...shape]);

  test('flips half of the images along each axis, on its own', () => {
    const layer = new RandomFlip(undefined, { seed: 2 });
    const counts = new Map<string, number>();
    for (const image of imagesOf(layer.forward(constant([1, 2, 3, 4], 4000, [1, 2, 2])))) {
      counts.set(image.join(''), (counts.get(image.join('')) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['1234', '2143', '3412', '4321']);
    // Six standard deviations of a binomial distribution.
    for (const count of counts.values()) {
      expect(Math.abs(count - 1000)).toBeLessThan(6 * Math.sqrt(4000 * 0.25 * 0.75));
    }
    const kinds = (mode: 'horizontal' | 'vertical'): string[] => [
      ...new Set(imagesOf(new RandomFlip(mode).forward(constant([1, 2, 3, 4], 50, [1, 2, 2]))).map((image) => image.join(''))), // prettier-ignore
    ];
    expect(kinds('horizontal').sort()).toEqual(['1234', '2143']);
    expect(kinds('vertical').sort()).toEqual(['1234', '3412']);
  });

  test('is spread evenly between the bounds', () => {
    const layer = new RandomBrightness([-0.1, 0.3], { range: [-1, 1] });
    const added = values(layer.forward(constant([0], 4000, [1, 1, 1])));
    expect(Math.min(...added)).toBeGreaterThanOrEqual(Math.fround(-0.2));
    expect(Math.min(...added)).toBeLessThan(-0.19);
    expect(Math.max(...added)).toBeGreaterThan(0.59);
    expect(Math.max(...added)).toBeLessThanOrEqual(Math.fround(0.6));
    const mean = added.reduce((sum, value) => sum + value, 0) / added.length;
    expect(Math.abs(mean - 0.2)).toBeLessThan((6 * 0.8) / Math.sqrt(12 * 4000));
  });

  test('of contrast lies between 1 - f and 1 + f', () => {
    const layer = new RandomContrast(0.4, { range: [-9, 9] });
    const scales = imagesOf(layer.forward(constant([-1, 1], 500, [1, 1, 2]))).map(
      ([, b]) => b ?? 0,
    );
    expect(Math.min(...scales)).toBeLessThan(0.65);
    expect(Math.min(...scales)).toBeGreaterThanOrEqual(Math.fround(0.6));
    expect(Math.max(...scales)).toBeGreaterThan(1.35);
    expect(Math.max(...scales)).toBeLessThanOrEqual(Math.fround(1.4));
  });

  test('by one seed differs among the classes, and between the axes', () => {
    const shifts = (layer: Layer): number[] => {
      const x = tensor(
        Array.from({ length: 50 }, () => [0, 1, 2, 3, 4, 5, 6, 7, 8]).flat(),
        [50, 1, 3, 3],
      );
      return imagesOf(layer.forward(x)).map((image) => (image[4] as number) - 4);
    };
    const down = shifts(new RandomTranslation([-0.3, 0.3], 0)).map((value) => value / -0.9 / 3);
    const right = shifts(new RandomTranslation(0, [-0.3, 0.3])).map((value) => value / -0.9);
    const lighter = shifts(new RandomBrightness(1, { range: [-20, 20] })).map((v) => v / 40);
    const correlation = (a: number[], b: number[]): number => {
      const dot = (u: number[], v: number[]): number =>
        u.reduce((sum, value, i) => sum + value * (v[i] as number), 0);
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    };
    expect(Math.abs(correlation(down, right))).toBeLessThan(0.5);
    expect(Math.abs(correlation(down, lighter))).toBeLessThan(0.5);
    expect(Math.abs(correlation(right, lighter))).toBeLessThan(0.5);
  });

  // One seed, one result, on every machine and in every engine: float32 bits of a 2 x 3 image.
  test.each<[string, string]>([
    ['RandomFlip', '3f666666 3f333333 3f000000 3ecccccd 3e4ccccd 3dcccccd'],
    ['RandomTranslation', '3df1afe1 3e71afe1 3ecccccd 3f02f82f 3f34f171 3f5eebdf'],
    ['RandomRotation', '3ddc9477 3e5d0d91 3ef0b3b2 3ee34749 3f2f2510 3f62747b'],
    ['RandomZoom', '3dcccccd 3e4ccccd 3ecccccd 3f000000 3f333333 3f666666'],
    ['RandomBrightness', '0 0 3e2635d3 3e864e1d 3eecb483 3f298d74'],
    ['RandomContrast', '3debd8f6 3e58170b 3ece3615 3eff4b5c 3f30baf6 3f61d03d'],
  ])('%s has these bits', (type, bits) => {
    const layer = oneOfEach(5)[types.indexOf(type)] as Layer;
    const output = layer.forward(tensor([0.1, 0.2, 0.4, 0.5, 0.7, 0.9], [1, 1, 2, 3]));
    const words = new Uint32Array(output.toArray().buffer);
    expect(Array.from(words, (word) => word.toString(16))).toEqual(bits.split(' '));
  });
});

describe('Keras agrees about', () => {
  interface Case {
    readonly type: string;
    readonly arguments: readonly unknown[];
    readonly options: object;
    readonly output: readonly number[];
    readonly inputGradient: readonly number[];
  }
  const fixture = JSON.parse(
    readFileSync(join(import.meta.dirname, '../fixtures/images/augmentation.json'), 'utf8'),
  ) as {
    shape: number[];
    images: number[];
    outputGradient: number[];
    cases: Case[];
    flips: Record<string, number[]>;
  };
  const { shape } = fixture;

  const expectClose = (own: Tensor, wanted: readonly number[]): void => {
    const off = values(own).map((value, i) => Math.abs(value - (wanted[i] as number)));
    // Keras works in float32, and the file has six digits after the point.
    expect(Math.max(...off)).toBeLessThan(5e-6);
  };

  const named = fixture.cases.map((each): [string, Case] => {
    const { type, arguments: given, options } = each;
    return [`${type}(${given.map((one) => JSON.stringify(one)).join()}) ${Object.values(options).join()}`, each]; // prettier-ignore
  });

  test.each(named)('%s', (_, { type, arguments: given, options, output, inputGradient }) => {
    const all = given.map((factor) => factor ?? undefined);
    if (type === 'RandomZoom' && all.length === 1) all.push(undefined);
    // The file has a fillValue for every mode, but it is taken with 'constant' alone.
    const { fillValue, ...others } = options as { fillMode?: string; fillValue?: number };
    const own = others.fillMode === 'constant' ? options : others;
    expect(fillValue).toBe('fillMode' in options ? 0.5 : undefined);
    const layer = make(type, ...all, own);
    expectClose(layer.forward(tensor(fixture.images, shape)), output);
    expectClose(layer.backward(tensor(fixture.outputGradient, shape)), inputGradient);
  });

  test('flips', () => {
    const ways = new Set(
      Array.from({ length: 30 }, (_, seed) =>
        values(new RandomFlip(undefined, { seed }).forward(tensor(fixture.images, shape))).join(),
      ),
    );
    for (const flipped of [fixture.images, ...Object.values(fixture.flips)]) {
      expect(ways).toContain(values(tensor(flipped)).join());
    }
  });
});

test('a quarter of a turn moves pixels and changes none', () => {
  const layer = new RandomRotation([0.25, 0.25]);
  const image = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  expect(values(layer.forward(tensor(image, [1, 1, 3, 3])))).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7]);
});

describe('a weight of 0', () => {
  const image = [-Infinity, 2, Infinity, 4, 5, NaN, 7, 8, 9];
  const shape = [1, 1, 3, 3];
  const nearest = { interpolation: 'nearest' } as const;
  const constant = { fillMode: 'constant', fillValue: 3 } as const;

  test.each<[string, () => Layer, number[]]>([
    ['nearest', () => new RandomTranslation(0, 0, nearest), image],
    ['no shift', () => new RandomTranslation(0, 0), image],
    ['shift of a row', () => new RandomTranslation([1 / 3, 1 / 3], 0), [-Infinity, 2, Infinity, -Infinity, 2, Infinity, 4, 5, NaN]], // prettier-ignore
    [
      'places outside',
      () => new RandomTranslation(0, [-1, -1], constant),
      Array<number>(9).fill(3),
    ],
  ])('takes nothing of pixels that are infinite or NaN: %s', (_, create, output) => {
    expect(values(create().forward(tensor(image, shape)))).toEqual(output);
  });

  test('gives nothing of gradients that are infinite or NaN', () => {
    for (const options of [{}, nearest]) {
      const layer = new RandomTranslation(0, 0, options);
      layer.forward(zeros(shape));
      expect(values(layer.backward(tensor(image, shape)))).toEqual(image);
    }
  });
});

describe.each(['RandomBrightness', 'RandomContrast'])('%s', (type) => {
  test.each([
    [undefined, [0, 0.5, 1, 255], 'pixels from 0 to 255 do not fit range [0, 1]'],
    [undefined, [0, 0.5, 1, -1.5], 'pixels from -1.5 to 1 do not fit range [0, 1]'],
    [[0, 255], [NaN, 600, 1, 2], 'pixels from 1 to 600 do not fit range [0, 255]'],
  ])('with range %j refuses pixels %j', (range, pixels, part) => {
    const layer = make(type, 0.1, { range });
    const x = tensor(pixels, [1, 1, 2, 2]);
    expectError(() => layer.forward(x), ValueError, `${type}: ${part}`, 'pass the range');
    expect(values(layer.state['position'] as Tensor)).toEqual([0, 0]);
    expect(layer.forward(x, false)).toBe(x);
  });

  test('takes pixels about as far outside the range as that is wide', () => {
    const layer = make(type, 0.1);
    expect(layer.forward(tensor([-1, 2, 0, 1], [1, 1, 2, 2])).shape).toEqual([1, 1, 2, 2]);
  });
});
