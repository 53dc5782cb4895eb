import type { Shape } from './shape.js';

/** Option of what works along one axis of a sample and takes the others as it takes the batch. */
export interface AxisOptions {
  /**
   * Index of the axis within a sample, which has no batch; from the end if negative. By default that
   * of the features or classes: the last of vectors and of sequences [time, features], the first of
   * images [channels, height, width] and of whatever has more.
   */
  readonly axis?: number | undefined;
}

/** The index within samples of a shape, from 0, of an axis that the engine has checked. */
export function axisOf({ length }: Shape, axis = length < 3 ? -1 : 0): number {
  return axis < 0 ? axis + length : axis;
}
