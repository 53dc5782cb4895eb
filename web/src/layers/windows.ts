import type { Shape } from '../shape.js';
import type { Config } from './layer.js';

/** A whole number for both axes of images, or one for each. */
export type PerAxis = number | readonly [vertical: number, horizontal: number];

/** Whole numbers for the sides of images. */
export type PerSide = readonly [
  vertical: readonly [top: number, bottom: number],
  horizontal: readonly [left: number, right: number],
];

/**
 * Padding of images before windows move over them: a number for every side, a pair
 * [vertical, horizontal], [[top, bottom], [left, right]], or
 * - 'valid': none;
 * - 'same': with e the extent of the window, (e - 1) / 2 before and e / 2 after, rounded down,
 *   whatever the stride; keeps height and width at stride 1;
 * - 'same-upper': as few as ceil(size / stride) windows take, the odd one below and to the right.
 *   TensorFlow's and Keras's 'same', ONNX's SAME_UPPER; differs from 'same' at strides above 1.
 */
export type Padding = PerAxis | PerSide | 'valid' | 'same' | 'same-upper';

const pair = (value: PerAxis): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : value;

/** The windows of a layer's configuration, for each axis. */
export interface Windows {
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: PerSide;
}

/**
 * The windows of a layer.
 * @param sizeName - What its configuration calls their size.
 * @param image - Shape of the images, which 'same-upper' depends on.
 */
export function windowsOf(config: Config, sizeName: string, image: () => Shape): Windows {
  const size = pair(config[sizeName] as PerAxis);
  const stride = pair(config['stride'] as PerAxis);
  const dilation = pair((config['dilation'] ?? 1) as PerAxis);
  const given = (config['padding'] ?? 'valid') as Padding;
  const sides = (axis: 0 | 1): readonly [number, number] => {
    if (typeof given === 'object') return pair(given[axis]);
    if (typeof given === 'number') return [given, given];
    if (given === 'valid') return [0, 0];
    // At larger strides the last window of 'same-upper' begins before the last pixel.
    const spare = given === 'same' ? 0 : ((image()[axis + 1] as number) - 1) % stride[axis];
    const zeros = Math.max(0, (size[axis] - 1) * dilation[axis] - spare);
    return [Math.floor(zeros / 2), Math.ceil(zeros / 2)];
  };
  return { size, stride, dilation, padding: [sides(0), sides(1)] };
}

/** Zeros above and to the left of a layer's images, as its property `padding` has them. */
export function zerosBefore(
  layer: { readonly inputShape: Shape; getConfig: () => Config },
  sizeName: string,
): PerAxis {
  const { padding } = windowsOf(layer.getConfig(), sizeName, () => layer.inputShape);
  const [[top], [left]] = padding;
  return top === left ? top : [top, left];
}
