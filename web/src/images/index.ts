/**
 * Images: made tensors of, and changed at random while a model trains. It runs beside `lamella`.
 *
 * @module lamella/images
 */
export * from './augmentation/index.js';
export { imageTensor, type ImageTensorOptions } from './image-tensor.js';
export type { ImageSource, PixelSource } from './pixels.js';
export type { Rectangle } from './resizer.js';
export {
  ArgumentTypeError,
  FormatError,
  OutOfMemoryError,
  ShapeError,
  StateError,
  UnsupportedError,
  ValueError,
} from '../index.js';
