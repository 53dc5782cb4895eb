import { native } from '../runtime/init.js';
import { checkShape, checkWhole } from '../runtime/whole.js';
import { nativeTensor, type Shape, Tensor } from '../tensor.js';

function checkWindows(caller: string, windowSize: number, stride: number): void {
  checkWhole(`${caller}: windowSize`, windowSize, 1);
  checkWhole(`${caller}: stride`, stride, 1);
}

/**
 * Image to column matrix: every window of the images [N, C, H, W] as one row.
 * @param windowSize - Height and width K of the window.
 * @param stride - Step of the window. Omitted: `windowSize`, as for pooling;
 * pass 1 for a convolution.
 * @returns Shape [N, outputHeight, outputWidth, C * K * K], the last axis over
 * channel, row and column of the window.
 * @throws {@link ShapeError} unless the window fits into the images.
 */
export function im2col(input: Tensor, windowSize: number, stride: number = windowSize): Tensor {
  const images = nativeTensor('im2col: input', input);
  checkWindows('im2col', windowSize, stride);
  return new Tensor(native('im2col').im2col(images, windowSize, stride));
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
  checkWindows('col2im', windowSize, stride);
  return new Tensor(native('col2im').col2im(columns, inputShape, outputShape, windowSize, stride));
}
