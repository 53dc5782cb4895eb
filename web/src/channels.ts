import { ShapeError } from './runtime/errors.js';

/** A hint where the shape of a sample looks like [height, width, channels], as others have images. */
export function channelsHint(shape: unknown): string {
  const [height, width, channels, ...rest] = Array.isArray(shape) ? (shape as number[]) : [];
  const isLast = Math.min(height ?? 0, width ?? 0) > 4 && [1, 3, 4].includes(channels ?? 0);
  if (!isLast || rest.length > 0) return '';
  return '; images are [channels, height, width] here, channels first';
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
