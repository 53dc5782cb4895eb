import { OutOfMemoryError, ShapeError, type Tensor, tensor, ValueError } from '../index.js';
import { checkOptions, isPlain, reject, wholeNumber } from '../runtime/checks.js';
import { showShape } from '../runtime/errors.js';
import { sizeOf } from '../shape.js';
import { checkEngine } from './check-engine.js';
import { type ImageSource, type Pixels, pixelsOf } from './pixels.js';
import { type Rectangle, Resizer } from './resizer.js';

/** Options of {@link imageTensor}. */
export interface ImageTensorOptions {
  /**
   * Height and width of what is made, or one number for both. Default: those of the first picture, or
   * of its part, which all others must have then.
   */
  readonly size?: number | readonly [height: number, width: number] | undefined;
  /** 1: grey; 3: red, green and blue; 4: opacity, too. Default 3. */
  readonly channels?: 1 | 3 | 4 | undefined;
  /** Factor of each byte. Default 1 / 255, so that numbers are from 0 to 1. */
  readonly scale?: number | undefined;
  /**
   * The part that is taken: 'center', which wants a `size`, is the greatest in the middle with its ratio of sides; a
   * rectangle counts pixels. Default: the whole picture, which becomes narrower or flatter where its
   * ratio differs.
   */
  readonly crop?: 'center' | Rectangle | undefined;
}

const place = (what: string, value: unknown): number => wholeNumber(what, value, 0);
const places = { left: place, top: place, width: wholeNumber, height: wholeNumber };

const checks = {
  size: () => undefined, // Read and checked at once, by sizeFrom, and so is crop, by cropFrom.
  channels: (what: string, value: unknown) => {
    if (![1, 3, 4].includes(value as number)) reject(what, '1, 3 or 4', value, 'number');
  },
  scale: (what: string, value: unknown) => {
    if (typeof value === 'number' && Math.fround(value) > 0 && value <= 1e36) return;
    reject(what, 'above 0, also as float32, and at most 1e36', value, 'number');
  },
  crop: () => undefined,
};

/** Height and width as numbers that nobody changes meanwhile. */
function sizeFrom(size: unknown): readonly [height: number, width: number] | undefined {
  if (size === undefined) return undefined;
  const both: unknown[] = Array.isArray(size) ? Array.from(size) : [size, size];
  if (both.length !== 2) reject('imageTensor: size', 'a number or [height, width]', size);
  const [height, width] = both.map((side) => wholeNumber('imageTensor: size', side));
  return [height as number, width as number];
}

/** The part to take, likewise. */
function cropFrom(crop: unknown, hasSize: boolean): ImageTensorOptions['crop'] {
  const what = 'imageTensor: crop';
  if (crop === undefined) return undefined;
  if (isPlain(crop)) return checkOptions<object>(what, crop, places, 4) as Rectangle;
  if (crop !== 'center') {
    reject(what, "'center' or { left, top, width, height }", crop, 'string');
  }
  if (hasSize) return crop;
  throw new ValueError(`${what}: 'center' wants a size, whose ratio the part has`);
}

/** The greatest part in the middle of a picture whose sides have a ratio. */
function center({ width, height }: Pixels, [high, wide]: readonly [number, number]): Rectangle {
  const own = {
    width: Math.min(width, Math.max(1, Math.round((height * wide) / high))),
    height: Math.min(height, Math.max(1, Math.round((width * high) / wide))),
  };
  return { left: (width - own.width) >> 1, top: (height - own.height) >> 1, ...own };
}

/** The part of a picture that is taken. */
function partOf(
  what: string,
  pixels: Pixels,
  crop: ImageTensorOptions['crop'],
  size: readonly [number, number] | undefined,
): Rectangle {
  const { width, height } = pixels;
  if (crop === 'center') return center(pixels, size as readonly [number, number]);
  const part = crop ?? { left: 0, top: 0, width, height };
  if (part.left + part.width <= width && part.top + part.height <= height) return part;
  throw new ShapeError(
    `${what}: crop takes ${part.width} x ${part.height} pixels from (${part.left}, ${part.top}) on ` +
      `of a picture of ${width} x ${height}`,
  );
}

/** Memory for the numbers of all pictures. */
function roomFor(count: number, shape: readonly number[]): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(count * sizeOf(shape));
  } catch (cause) {
    throw new OutOfMemoryError(`imageTensor: out of memory for ${count} x ${showShape(shape)}`, {
      cause,
    });
  }
}

/**
 * Makes a tensor of pictures, [pictures, channels, height, width]: bytes become channels-first floats at
 * the size that a network wants, by bilinear interpolation that is antialiased where a picture becomes
 * smaller (as Pillow's BILINEAR and PyTorch's `interpolate(antialias=True)`; the filter is told at `Resize`
 * in cpp/kernels/resize.h).
 * @param source - A picture or a list of them. Opacity is not mixed in: what is transparent has the
 * colour that is stored.
 * @throws {@link ArgumentTypeError}, {@link ValueError} and {@link ShapeError} for sources and options
 * that make no sense, {@link FormatError} for a file that is no picture, {@link StateError} for a source without a picture (yet) or one that the page may not
 * read, {@link UnsupportedError} where nothing can draw it, {@link OutOfMemoryError}.
 * @example
 * using x = await imageTensor(video, { size: 96, crop: 'center' }); // [1, 3, 96, 96]
 * using scores = model.predict(x);
 */
export async function imageTensor(
  source: ImageSource | readonly ImageSource[],
  options: ImageTensorOptions = {},
): Promise<Tensor> {
  checkEngine('imageTensor');
  const own = checkOptions<ImageTensorOptions>('imageTensor', options, checks);
  const { channels = 3, scale = 1 / 255 } = own;
  const given = sizeFrom(own.size);
  const crop = cropFrom(own.crop, given !== undefined);
  // A list of its own: that of the caller may grow while pictures are drawn.
  const sources: readonly unknown[] = Array.isArray(source) ? Array.from(source) : [source];
  if (sources.length === 0) reject('imageTensor: source', 'a picture or a list of some', source);

  let size = given;
  let resizer: Resizer | undefined;
  let numbers = new Float32Array();
  for (const [i, each] of sources.entries()) {
    const what = `imageTensor: ${Array.isArray(source) ? `source[${i}]` : 'source'}`;
    const pixels = await pixelsOf(what, each);
    const part = partOf(what, pixels, crop, given);
    size ??= [part.height, part.width];
    const [height, width] = size;
    if (!given && (part.height !== height || part.width !== width)) {
      throw new ShapeError(
        `${what}: is ${part.width} x ${part.height} pixels, the first one ${width} x ${height}; ` +
          'say which size they become',
      );
    }
    const length = channels * height * width;
    if (i === 0) numbers = roomFor(sources.length, [channels, height, width]);
    resizer ??= await Resizer.create({ height, width, channels, scale });
    resizer.resize(pixels, part, numbers.subarray(i * length, (i + 1) * length));
  }
  const [height, width] = size as readonly [number, number];
  return tensor(numbers, [sources.length, channels, height, width]);
}
