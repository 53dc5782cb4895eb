import type { ImageSize } from './augmentation.js';

/**
 * The rule by which places outside an image get their values, for pixels a b c d of a row:
 * - 'reflect': `d c b a | a b c d | d c b a`;
 * - 'wrap': `a b c d | a b c d | a b c d`;
 * - 'nearest': `a a a a | a b c d | d d d d`;
 * - 'constant': `k k k k | a b c d | k k k k`, with `fillValue` as k.
 */
export type FillMode = 'reflect' | 'wrap' | 'nearest' | 'constant';

/** A place between pixels gets the mean of the four around it, weighted by distance, or the nearest one. */
export type Interpolation = 'bilinear' | 'nearest';

/**
 * The pixel in column x and row y of an output comes from column `a0 x + a1 y + a2` and row
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

/** The options that resampling follows. */
export interface Resampling {
  readonly fillMode: FillMode;
  readonly fillValue: number;
  readonly interpolation: Interpolation;
}

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
      const rest = place % period;
      const own = rest < 0 ? rest + period : rest;
      return own < size ? own : period - 1 - own;
    }
    case 'wrap': {
      const rest = place % size;
      return rest < 0 ? rest + size : rest;
    }
    case 'nearest':
      return place < 0 ? 0 : size - 1;
    case 'constant':
      return -1;
  }
}

/** Writes the output that an affine map makes of an image. */
export function resample(
  image: Float32Array,
  output: Float32Array,
  map: AffineMap,
  size: ImageSize,
  resampling: Resampling,
): void {
  pass(image, output, map, size, resampling, false);
}

/** Adds the gradients of an output to the pixels that it was made of: the transpose of `resample`. */
export function addResamplingGradient(
  outputGradient: Float32Array,
  inputGradient: Float32Array,
  map: AffineMap,
  size: ImageSize,
  resampling: Resampling,
): void {
  pass(inputGradient, outputGradient, map, size, resampling, true);
}

/**
 * Reads or, if it is transposed, adds to the input's pixels for each of the output's. A pixel is
 * located once for all channels, its numbers stay in registers, and places are integers: this loop
 * is what a batch waits for.
 */
function pass(
  input: Float32Array,
  output: Float32Array,
  { a0, a1, a2, b0, b1, b2 }: AffineMap,
  { channels, height, width }: ImageSize,
  { fillMode, fillValue, interpolation }: Resampling,
  isTransposed: boolean,
): void {
  const area = height * width;
  const end = channels * area;
  const isBilinear = interpolation === 'bilinear';
  for (let y = 0; y < height; y++) {
    const firstColumn = a1 * y + a2;
    const firstRow = b1 * y + b2;
    for (let x = 0; x < width; x++) {
      const column = a0 * x + firstColumn;
      const row = b0 * x + firstRow;
      let left = (isBilinear ? Math.floor(column) : nearest(column)) | 0;
      let top = (isBilinear ? Math.floor(row) : nearest(row)) | 0;
      let right = left + 1;
      let bottom = top + 1;
      let rightWeight = isBilinear ? column - left : 0;
      let bottomWeight = isBilinear ? row - top : 0;
      let leftWeight = 1 - rightWeight;
      let topWeight = 1 - bottomWeight;
      let filled = 0;
      if (left < 0 || right >= width || top < 0 || bottom >= height) {
        left = foldedPlace(left, width, fillMode);
        right = foldedPlace(right, width, fillMode);
        top = foldedPlace(top, height, fillMode);
        bottom = foldedPlace(bottom, height, fillMode);
        if (fillMode === 'constant') {
          if (left < 0) left = leftWeight = 0;
          if (right < 0) right = rightWeight = 0;
          if (top < 0) top = topWeight = 0;
          if (bottom < 0) bottom = bottomWeight = 0;
          filled = fillValue * (1 - (leftWeight + rightWeight) * (topWeight + bottomWeight));
        }
      }
      const weight0 = topWeight * leftWeight;
      const weight1 = topWeight * rightWeight;
      const weight2 = bottomWeight * leftWeight;
      const weight3 = bottomWeight * rightWeight;
      let place0 = top * width + left;
      let place1 = top * width + right;
      let place2 = bottom * width + left;
      let place3 = bottom * width + right;
      // A weight of 0 takes nothing: 0 times an infinite pixel would be NaN. Most pixels have none.
      if (weight0 * weight1 * weight2 * weight3 === 0) {
        for (let pixel = y * width + x, step = 0; pixel < end; pixel += area, step += area) {
          if (isTransposed) {
            const gradient = output[pixel] as number;
            if (weight0 !== 0) (input[place0 + step] as number) += weight0 * gradient;
            if (weight1 !== 0) (input[place1 + step] as number) += weight1 * gradient;
            if (weight2 !== 0) (input[place2 + step] as number) += weight2 * gradient;
            if (weight3 !== 0) (input[place3 + step] as number) += weight3 * gradient;
            continue;
          }
          let sum = 0;
          if (weight0 !== 0) sum += weight0 * (input[place0 + step] as number);
          if (weight1 !== 0) sum += weight1 * (input[place1 + step] as number);
          if (weight2 !== 0) sum += weight2 * (input[place2 + step] as number);
          if (weight3 !== 0) sum += weight3 * (input[place3 + step] as number);
          output[pixel] = sum + filled;
        }
        continue;
      }
      if (isTransposed) {
        for (let pixel = y * width + x; pixel < end; pixel += area) {
          const gradient = output[pixel] as number;
          (input[place0] as number) += weight0 * gradient;
          (input[place1] as number) += weight1 * gradient;
          (input[place2] as number) += weight2 * gradient;
          (input[place3] as number) += weight3 * gradient;
          place0 += area;
          place1 += area;
          place2 += area;
          place3 += area;
        }
        continue;
      }
      for (let pixel = y * width + x; pixel < end; pixel += area) {
        output[pixel] =
          weight0 * (input[place0] as number) +
          weight1 * (input[place1] as number) +
          weight2 * (input[place2] as number) +
          weight3 * (input[place3] as number) +
          filled;
        place0 += area;
        place1 += area;
        place2 += area;
        place3 += area;
      }
    }
  }
}
