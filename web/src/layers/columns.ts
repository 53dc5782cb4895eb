import { native } from '../runtime/init.js';
import { ShapeError, showShape } from '../runtime/errors.js';
import { checkShape, wholeNumber } from '../runtime/checks.js';
import { nativeOf } from '../runtime/handle.js';
import { type Shape, sizeOf } from '../shape.js';
import { nativeTensor, type Tensor, zeros } from '../tensor.js';

/**
 * Checks how windows lie in images [N, C, H, W].
 * @returns Shape of the columns, the last axis split: [N, outputHeight, outputWidth, C, K, K].
 */
function columnsShape(
  caller: string,
  images: Shape,
  windowSize: number,
  stride: number,
): readonly [number, number, number, number, number, number] {
  wholeNumber(`${caller}: windowSize`, windowSize);
  wholeNumber(`${caller}: stride`, stride);
  const [batch = 0, channels = 0, height = 0, width = 0] = images;
  if (images.length !== 4 || images.includes(0)) {
    throw new ShapeError(
      `${caller}: images must have shape [N, C, H, W], got ${showShape(images)}`,
    );
  }
  if (windowSize > height || windowSize > width) {
    throw new ShapeError(
      `${caller}: windowSize ${windowSize} does not fit into images of shape ` + showShape(images),
    );
  }
  const count = (size: number): number => Math.floor((size - windowSize) / stride) + 1;
  return [batch, count(height), count(width), channels, windowSize, windowSize];
}

/**
 * Image to column matrix: every window of the images [N, C, H, W] as one row.
 * @param windowSize - Height and width K of the window.
 * @param stride - Step of the window. Omitted or null: `windowSize`, as for pooling;
 * pass 1 for a convolution.
 * @returns Shape [N, outputHeight, outputWidth, C * K * K], the last axis over
 * channel, row and column of the window.
 * @throws {@link ShapeError} unless the window fits into the images.
 */
export function im2col(input: Tensor, windowSize: number, stride?: number | null): Tensor {
  const images = nativeTensor('im2col: input', input);
  const step = stride ?? windowSize;
  const [batch, height, width, ...depth] = columnsShape('im2col', input.shape, windowSize, step);
  const columns = zeros([batch, height, width, sizeOf(depth)]);
  native('im2col').im2col(images, nativeOf(columns), windowSize, step);
  return columns;
}

/**
 * Column matrix to image, the adjoint of {@link im2col}: adds every column
 * element to the pixel it came from. Pixels that no window touches become 0.
 * @param cols - Shape [N, outputHeight, outputWidth, C * K * K], or with the
 * last axis split into C, K, K.
 * @param inputShape - Shape of the images, [N, C, H, W].
 * @param outputShape - Shape of the convolution's result, [N, any, outputHeight, outputWidth].
 * @param stride - Step of the window. Default 1.
 * @returns Images of `inputShape`.
 * @throws {@link ShapeError} when the shapes do not belong together.
 */
export function col2im(
  cols: Tensor,
  inputShape: Shape,
  outputShape: Shape,
  windowSize: number,
  stride = 1,
): Tensor {
  const columns = nativeTensor('col2im: cols', cols);
  checkShape('col2im: inputShape', inputShape);
  checkShape('col2im: outputShape', outputShape);
  const split = columnsShape('col2im', inputShape, windowSize, stride);
  const [batch, height, width, channels] = split;
  const [n, , h, w] = outputShape;
  if (outputShape.length !== 4 || n !== batch || h !== height || w !== width) {
    throw new ShapeError(
      'col2im: outputShape must be [N, C_out, H_out, W_out] with N, H_out, W_out = ' +
        `[${split.slice(0, 3).join(', ')}], got ${showShape(outputShape)}`,
    );
  }
  const flat = [batch, height, width, channels * windowSize * windowSize];
  if (![flat, split].some((shape) => shape.join() === cols.shape.join())) {
    throw new ShapeError(
      `col2im: cols must have shape ${showShape(flat)} or ${showShape(split)}, ` +
        `got ${showShape(cols.shape)}`,
    );
  }
  const images = zeros(inputShape);
  native('col2im').col2im(nativeOf(images), columns, windowSize, stride);
  return images;
}
