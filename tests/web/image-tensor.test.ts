// Pictures as tensors: against Pillow, what is refused, and memory. Sources that pages draw are in
// tests/browser/images.test.mjs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import {
  ArgumentTypeError,
  init,
  OutOfMemoryError,
  ShapeError,
  StateError,
  UnsupportedError,
  ValueError,
} from 'lamella';
import { imageTensor, type ImageTensorOptions } from 'lamella/images';
import { type ErrorClass, expectRejection } from './support.js';

beforeAll(async () => {
  const early = imageTensor({ data: new Uint8Array(3), width: 1, height: 1 });
  await expectRejection(() => early, StateError, 'imageTensor: call await init() first');
  await init();
});

interface Case {
  size: [number, number];
  channels: 1 | 3 | 4;
  target: [number, number];
  part: [number, number, number, number] | null;
  wanted: number[];
}

const { cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/images/resize.json'), 'utf8'),
) as { cases: Case[] };

/** The same bytes as in scripts/judges/resize.py. */
const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * i * 7 + i * 13) % 251);

const picture = (height: number, width: number, channels = 3) => ({
  data: bytes(height * width * channels),
  width,
  height,
});

test.each(cases)(
  'as Pillow: $size of $channels channels become $target',
  async ({ size, channels, target, part, wanted }) => {
    const [left = 0, top = 0, width = 0, height = 0] = part ?? [];
    const options = {
      size: target,
      channels,
      scale: 1,
      ...(part && { crop: { left, top, width, height } }),
    };
    using made = await imageTensor(picture(...size, channels), options);
    expect(made.shape).toEqual([1, channels, ...target]);
    const worst = Math.max(
      ...made.toArray().map((value, i) => Math.abs(value - (wanted[i] ?? NaN))),
    );
    expect(worst).toBeLessThan(1e-3);
  },
);

test('channels become others', async () => {
  const grey = { data: Uint8Array.of(10, 200), width: 2, height: 1 };
  const color = { data: Uint8Array.of(100, 50, 200, 7), width: 1, height: 1, channels: 4 };
  const made = async (source: object, options: ImageTensorOptions) =>
    (await imageTensor(source as never, { scale: 1, ...options })).toArray();
  expect(await made(grey, { channels: 1 })).toEqual(Float32Array.of(10, 200));
  expect(await made(grey, {})).toEqual(Float32Array.of(10, 200, 10, 200, 10, 200));
  expect(await made(grey, { channels: 4 })).toEqual(
    Float32Array.of(10, 200, 10, 200, 10, 200, 255, 255),
  );
  expect(await made(color, {})).toEqual(Float32Array.of(100, 50, 200));
  expect(await made(color, { channels: 4 })).toEqual(Float32Array.of(100, 50, 200, 7));
  // ITU-R BT.601.
  const [luma] = await made(color, { channels: 1 });
  expect(luma).toBeCloseTo(0.299 * 100 + 0.587 * 50 + 0.114 * 200, 4);
  // From 0 to 1 unless told otherwise.
  using one = await imageTensor({ data: Uint8Array.of(255), width: 1, height: 1 });
  expect(one.toArray()).toEqual(Float32Array.of(1, 1, 1));
});

test('the middle of a picture has the ratio of the size', async () => {
  const wide = picture(4, 10, 1);
  const middle = { left: 3, top: 0, width: 4, height: 4 };
  const options = { size: 2, channels: 1, crop: 'center' } as const;
  using first = await imageTensor(wide, options);
  using second = await imageTensor(wide, { ...options, crop: middle });
  expect(first.toArray()).toEqual(second.toArray());
  using tall = await imageTensor(picture(9, 3, 1), { ...options, size: [2, 4] });
  using part = await imageTensor(picture(9, 3, 1), {
    ...options,
    size: [2, 4],
    crop: { left: 0, top: 3, width: 3, height: 2 },
  });
  expect(tall.toArray()).toEqual(part.toArray());
});

test('several pictures are one batch', async () => {
  const sources = [picture(5, 6), picture(7, 3), { ...picture(5, 6, 4) }];
  using all = await imageTensor(sources, { size: [4, 2] });
  expect(all.shape).toEqual([3, 3, 4, 2]);
  const own = await Promise.all(sources.map((each) => imageTensor(each, { size: [4, 2] })));
  expect(all.toArray()).toEqual(Float32Array.from(own.flatMap((each) => [...each.toArray()])));
  await expectRejection(() => imageTensor(sources), ShapeError, 'source[1]', '3 x 7', '6 x 5');
});

test("a picture's bytes may be any part of a buffer, also Node's", async () => {
  const { data, width, height } = picture(4, 4);
  const within = Buffer.concat([Buffer.of(1, 2, 3), data]).subarray(3);
  using first = await imageTensor({ data, width, height });
  using second = await imageTensor({ data: within, width, height, channels: 3 });
  using third = await imageTensor({ data: new Uint8ClampedArray(data), width, height });
  expect(second.toArray()).toEqual(first.toArray());
  expect(third.toArray()).toEqual(first.toArray());
});

test('what is no picture', async () => {
  const ok = picture(4, 4);
  const refused = (source: unknown, ErrorType: ErrorClass, ...parts: string[]) =>
    expectRejection(() => imageTensor(source as never), ErrorType, 'imageTensor: source', ...parts);
  for (const junk of [
    undefined,
    null,
    5,
    'cat.jpg',
    {},
    new Map(),
    () => 1,
    { width: 1, height: 1 },
  ]) {
    await refused(junk, ArgumentTypeError, 'must be a canvas');
    await refused([ok, junk], ArgumentTypeError, 'source[1]');
  }
  await refused([], ArgumentTypeError, 'a list of some');
  await refused(new Array(2), ArgumentTypeError, 'source[0]');
  await refused({ ...ok, data: [...ok.data] }, ArgumentTypeError, 'source.data', 'Uint8Array');
  await refused({ ...ok, data: new Float32Array(48) }, ArgumentTypeError, 'source.data');
  await refused({ ...ok, data: new Int8Array(48) }, ArgumentTypeError, 'source.data');
  await refused({ ...ok, data: new DataView(ok.data.buffer) }, ArgumentTypeError, 'source.data');
  await refused({ ...ok, width: 0 }, ValueError, 'source.width', 'at least 1');
  await refused({ ...ok, height: 1.5 }, ValueError, 'source.height');
  await refused({ ...ok, width: 2 ** 24 }, ValueError, 'below 65,536');
  await refused({ ...ok, width: '4' }, ArgumentTypeError, 'source.width');
  await refused({ ...ok, width: 5 }, ShapeError, '5 x 4 pixels', '20, 60, 80 bytes, got 48');
  await refused({ ...ok, channels: 2 }, ShapeError, 'channels 2');
  await refused({ ...ok, channels: 4 }, ShapeError, '16, 48, 64 bytes, got 48 and channels 4');
  const gone = bytes(48);
  structuredClone(gone, { transfer: [gone.buffer as ArrayBuffer] });
  await refused({ ...ok, data: gone }, ArgumentTypeError, 'source.data');
  // Node draws nothing.
  await refused(new Blob(['x']), UnsupportedError, 'decoders give it');
});

test('options that nobody knows or that make no sense', async () => {
  const refused = (options: unknown, ErrorType: ErrorClass, ...parts: string[]) =>
    expectRejection(() => imageTensor(picture(4, 6), options as never), ErrorType, ...parts);
  await refused({ sise: 4 }, ValueError, "unknown option 'sise'");
  await refused(224, ArgumentTypeError, 'imageTensor: options');
  await refused({ size: 0 }, ValueError, 'imageTensor: size');
  await refused({ size: [4] }, ArgumentTypeError, '[height, width]');
  await refused({ size: '4' }, ArgumentTypeError, 'imageTensor: size');
  await refused({ channels: 2 }, ValueError, '1, 3 or 4');
  for (const scale of [NaN, 0, -1, 1e-50, 1e37, 1e39]) {
    await refused({ scale }, ValueError, 'imageTensor: scale');
  }
  await refused({ crop: 'center' }, ValueError, 'wants a size');
  await refused({ crop: 'middle' }, ValueError, "'center' or { left, top, width, height }");
  await refused({ crop: [0, 0, 1, 1] }, ArgumentTypeError, "'center'");
  const crop = { left: 0, top: 0, width: 2, height: 2 };
  await refused({ crop: { ...crop, widht: 1 } }, ValueError, "unknown option 'widht'");
  await refused({ crop: { ...crop, width: 0 } }, ValueError, 'crop: width', 'at least 1');
  await refused({ crop: { ...crop, left: -1 } }, ValueError, 'crop: left', 'at least 0');
  await refused({ crop: { left: 0, top: 0, width: 2 } }, ArgumentTypeError, 'crop: height');
  await refused({ crop: { ...crop, left: 5 } }, ShapeError, '2 x 2 pixels from (5, 0)', '6 x 4');
  await refused({ size: 1e6 }, OutOfMemoryError, 'out of memory');
  await refused({ size: [2 ** 20, 1000] }, OutOfMemoryError, 'out of memory');
  // It goes on.
  using made = await imageTensor(picture(4, 6));
  expect(made.shape).toEqual([1, 3, 4, 6]);
});

test('bytes that are given away while they are waited for', async () => {
  const own = picture(4, 4);
  const making = imageTensor(own);
  structuredClone(own.data, { transfer: [own.data.buffer as ArrayBuffer] });
  await expectRejection(() => making, StateError, 'given away');
});

test('lists and options that change meanwhile change nothing', async () => {
  const options = { size: [3, 2], scale: 1, crop: { left: 1, top: 1, width: 2, height: 3 } };
  const wanted = (await imageTensor([picture(4, 6), picture(4, 6)], options as never)).toArray();
  const list = [picture(4, 6), picture(4, 6)];
  const [size, crop] = [[3, 2], { ...options.crop }];
  const making = imageTensor(list, { ...options, size, crop } as never);
  [crop.left, crop.top, crop.width] = [-70_000, 1.5, 0];
  [size[0], size[1]] = [300, 300];
  for (let i = 0; i < 20; i++) {
    await Promise.resolve();
    list.push(picture(9, 9));
  }
  const made = await making;
  expect(made.shape).toEqual([2, 3, 3, 2]);
  expect(made.toArray()).toEqual(wanted);
  // Getters give another value each time.
  let reads = 0;
  const changing = {
    get left() {
      return reads++ === 0 ? 1 : -70_000;
    },
    ...{ top: 1, width: 2, height: 3 },
  };
  using read = await imageTensor(picture(4, 6), { ...options, crop: changing } as never);
  expect(read.toArray()).toEqual(wanted.slice(0, 18));
});

test('bytes that are not as they say', async () => {
  class Longer extends Uint8Array {}
  Object.defineProperty(Longer.prototype, 'length', { value: 48 });
  class Other extends Uint8Array {
    override subarray(): Uint8Array<ArrayBuffer> {
      return new Uint8Array(1e6).fill(3);
    }
  }
  Object.defineProperty(Other, Symbol.species, { value: Float64Array });
  const [width, height] = [4, 4];
  const refused = (data: unknown, ErrorType: ErrorClass, part: string) =>
    expectRejection(() => imageTensor({ data: data as never, width, height }), ErrorType, part);
  await refused(new Longer(3), ShapeError, 'got 3');
  const fake = { [Symbol.toStringTag]: 'Uint8Array', length: 48 };
  await refused(fake, ArgumentTypeError, 'source.data');
  using own = await imageTensor({ data: new Other(bytes(48)), width, height });
  using plain = await imageTensor(picture(4, 4));
  expect(own.toArray()).toEqual(plain.toArray());
  // TypeScript's ES2023 knows no such buffers.
  const buffer = Reflect.construct(ArrayBuffer, [48, { maxByteLength: 100 }]) as ArrayBuffer;
  const making = imageTensor({ data: new Uint8Array(buffer), width, height });
  (buffer as unknown as { resize: (size: number) => void }).resize(3);
  await expectRejection(() => making, StateError, 'given away');
});

test('great pictures, many at once, and all from one memory', async () => {
  const great = { data: new Uint8Array(5000 * 4000 * 3).fill(128), width: 5000, height: 4000 };
  const [small, single, again] = await Promise.all([
    imageTensor(picture(30, 20), { size: 5 }),
    imageTensor(great, { size: 32, scale: 1 }),
    imageTensor(picture(30, 20), { size: 5 }),
  ]);
  expect(single.toArray().every((value) => Math.abs(value - 128) < 1e-3)).toBe(true);
  expect(again.toArray()).toEqual(small.toArray());
  for (const each of [small, single, again]) each.dispose();
});

test('a frame of 1280 x 720 takes at most 3 ms', async () => {
  const frame = { data: bytes(1280 * 720 * 4), width: 1280, height: 720 };
  const times: number[] = [];
  for (let i = 0; i < 40; i++) {
    const start = performance.now();
    (await imageTensor(frame, { size: 224 })).dispose();
    times.push(performance.now() - start);
  }
  // The best of many: others use the machine as well.
  expect(Math.min(...times)).toBeLessThan(3);
});

test('CommonJS has it, too, for tensors of its own', async () => {
  const require = createRequire(import.meta.url);
  const lamella = require('../../dist/cjs/index.js') as typeof import('lamella');
  const images = require('../../dist/cjs/images/index.js') as typeof import('lamella/images');
  await lamella.init();
  const made = await images.imageTensor(picture(4, 4), { size: 2 });
  expect(made).toBeInstanceOf(lamella.Tensor);
  using own = await imageTensor(picture(4, 4), { size: 2 });
  expect(made.toArray()).toEqual(own.toArray());
});
