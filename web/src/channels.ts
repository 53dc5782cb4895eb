import { ShapeError } from './runtime/errors.js';

/** Whether the shape of a sample looks like [height, width, channels], as others have images. */
export function isChannelsLast(shape: readonly number[]): boolean {
  const [height = 0, width = 0, channels = 0, ...rest] = shape;
  return height > 4 && width > 4 && [1, 3, 4].includes(channels) && rest.length === 0;
}

/** The hint for such a shape, to be put behind a message; nothing for others. */
export function channelsHint(shape: unknown): string {
  const isLast = Array.isArray(shape) && isChannelsLast(shape as number[]);
  return isLast ? '; images are [channels, height, width] here, channels first' : '';
}

/** Calls `use`, and puts the hint behind a {@link ShapeError} about samples of such a shape. */
export function withChannelsHint<Result>(shape: unknown, use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    const hint = channelsHint(shape);
    if (!hint || !(error instanceof ShapeError)) throw error;
    throw new ShapeError(error.message + hint, { cause: error });
  }
}
