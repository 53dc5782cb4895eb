import type { ImageSize } from './augmentation.js';

/**
 * What stands where an image has no pixels, for pixels a b c d of a row:
 * - 'reflect': `d c b a | a b c d | d c b a`;
 * - 'wrap': `a b c d | a b c d | a b c d`;
 * - 'nearest': `a a a a | a b c d | d d d d`;
 * - 'constant': `k k k k | a b c d | k k k k`, with `fillValue` as k.
 */
export type FillMode = 'reflect' | 'wrap' | 'nearest' | 'constant';

/** How a pixel is made of those around its place: a mean of four weighted by distance, or the nearest one. */
export type Interpolation = 'bilinear' | 'nearest';

/**
 * Where the pixel in column x and row y of an output comes from: column `a0 x + a1 y + a2` and row
 * `b0 x + b1 y + b2` of the input. Pixels are points at whole numbers.
 */
export interface AffineMap {
  readonly a0: number;
  readonly a1: number;
  readonly a2: number;
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
}

/** How images are resampled. */
export interface Resampling {
  readonly fillMode: FillMode;
  readonly fillValue: number;
  readonly interpolation: Interpolation;
}

/** Most pixels of an input that make one of the output. */
const maxTaps = 4;

/** The nearest whole number; of two equally near the one farther from 0, as Keras takes it. */
function nearest(x: number): number {
  return x < 0 ? Math.ceil(x - 0.5) : Math.floor(x + 0.5);
}

/** The pixel from 0 to size - 1 that stands at a place of an axis; -1 where there is none. */
function foldedPlace(place: number, size: number, fillMode: FillMode): number {
  if (place >= 0 && place < size) return place;
  switch (fillMode) {
    case 'reflect': {
      const period = 2 * size;
      const rest = ((place % period) + period) % period;
      return rest < size ? rest : period - 1 - rest;
    }
    case 'wrap':
      return ((place % size) + size) % size;
    case 'nearest':
      return place < 0 ? 0 : size - 1;
    case 'constant':
      return -1;
  }
}

/**
 * Resamples images by affine maps. A row of the output at a time: places and weights of its pixels are
 * found once for all channels.
 */
export class Resampler {
  readonly #resampling: Resampling;
  readonly #taps: number;
  // Of a row, taps after taps; they are kept for the next image.
  #places = new Int32Array(0);
  #weights = new Float64Array(0);
  // The share of fillValue in each pixel.
  #filled = new Float64Array(0);

  constructor(resampling: Resampling) {
    this.#resampling = resampling;
    this.#taps = resampling.interpolation === 'bilinear' ? maxTaps : 1;
  }

  /** Writes the output that a map makes of an image. */
  sample(image: Float32Array, output: Float32Array, map: AffineMap, size: ImageSize): void {
    const { channels, height, width } = size;
    const area = height * width;
    for (let y = 0; y < height; y++) {
      this.#locate(map, y, size);
      for (let channel = 0; channel < channels; channel++) {
        const plane = channel * area;
        if (this.#taps === 1) this.#copyRow(image, plane, output, plane + y * width, width);
        else this.#mixRow(image, plane, output, plane + y * width, width);
      }
    }
  }

  /** Adds the gradients of an output to the pixels that it was made of: the transpose of `sample`. */
  scatter(
    outputGradient: Float32Array,
    inputGradient: Float32Array,
    map: AffineMap,
    size: ImageSize,
  ): void {
    const { channels, height, width } = size;
    const [places, weights] = this.#rows(width);
    for (let y = 0; y < height; y++) {
      this.#locate(map, y, size);
      for (let channel = 0; channel < channels; channel++) {
        const plane = channel * height * width;
        for (let x = 0, k = 0; x < width; x++) {
          const gradient = outputGradient[plane + y * width + x] as number;
          for (const end = k + this.#taps; k < end; k++) {
            const place = plane + (places[k] as number);
            (inputGradient[place] as number) += (weights[k] as number) * gradient;
          }
        }
      }
    }
  }

  #copyRow(image: Float32Array, plane: number, output: Float32Array, row: number, width: number) {
    const [places, weights, filled] = this.#rows(width);
    for (let x = 0; x < width; x++) {
      const pixel = image[plane + (places[x] as number)] as number;
      output[row + x] = (weights[x] as number) * pixel + (filled[x] as number);
    }
  }

  #mixRow(image: Float32Array, plane: number, output: Float32Array, row: number, width: number) {
    const [places, weights, filled] = this.#rows(width);
    for (let x = 0, k = 0; x < width; x++, k += maxTaps) {
      output[row + x] =
        (weights[k] as number) * (image[plane + (places[k] as number)] as number) +
        (weights[k + 1] as number) * (image[plane + (places[k + 1] as number)] as number) +
        (weights[k + 2] as number) * (image[plane + (places[k + 2] as number)] as number) +
        (weights[k + 3] as number) * (image[plane + (places[k + 3] as number)] as number) +
        (filled[x] as number);
    }
  }

  #rows(width: number): readonly [places: Int32Array, weights: Float64Array, filled: Float64Array] {
    if (this.#filled.length < width) {
      this.#places = new Int32Array(maxTaps * width);
      this.#weights = new Float64Array(maxTaps * width);
      this.#filled = new Float64Array(width);
    }
    return [this.#places, this.#weights, this.#filled];
  }

  /** Finds places and weights of row y. */
  #locate({ a0, a1, a2, b0, b1, b2 }: AffineMap, y: number, { height, width }: ImageSize): void {
    const [places, weights, filled] = this.#rows(width);
    filled.fill(0);
    for (let x = 0; x < width; x++) {
      const column = a0 * x + a1 * y + a2;
      const row = b0 * x + b1 * y + b2;
      if (this.#taps === 1) {
        this.#place(x, x, nearest(row), nearest(column), 1, height, width);
        continue;
      }
      const [left, top] = [Math.floor(column), Math.floor(row)];
      const [right, lower] = [column - left, row - top];
      const k = maxTaps * x;
      if (left >= 0 && left < width - 1 && top >= 0 && top < height - 1) {
        const place = top * width + left;
        places[k] = place;
        places[k + 1] = place + 1;
        places[k + 2] = place + width;
        places[k + 3] = place + width + 1;
        weights[k] = (1 - lower) * (1 - right);
        weights[k + 1] = (1 - lower) * right;
        weights[k + 2] = lower * (1 - right);
        weights[k + 3] = lower * right;
        continue;
      }
      this.#place(x, k, top, left, (1 - lower) * (1 - right), height, width);
      this.#place(x, k + 1, top, left + 1, (1 - lower) * right, height, width);
      this.#place(x, k + 2, top + 1, left, lower * (1 - right), height, width);
      this.#place(x, k + 3, top + 1, left + 1, lower * right, height, width);
    }
  }

  /** Notes a tap of the pixel in column x: the pixel that stands there, or a share of the fill value. */
  #place(
    x: number,
    k: number,
    row: number,
    column: number,
    weight: number,
    height: number,
    width: number,
  ): void {
    const { fillMode, fillValue } = this.#resampling;
    const foldedRow = foldedPlace(row, height, fillMode);
    const foldedColumn = foldedPlace(column, width, fillMode);
    const isInside = foldedRow >= 0 && foldedColumn >= 0;
    this.#places[k] = isInside ? foldedRow * width + foldedColumn : 0;
    this.#weights[k] = isInside ? weight : 0;
    if (!isInside) (this.#filled[x] as number) += weight * fillValue;
  }
}
