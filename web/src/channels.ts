import { ShapeError } from './runtime/errors.js';

/** The words of the hint. */
export const channelsFirst = 'images are [channels, height, width] here, with the channels first';

/** Whether the shape of a sample looks like [height, width, channels], as others have images. */
export function looksChannelsLast(shape: unknown): boolean {
  if (!Array.isArray(shape) || shape.length !== 3) return false;
  const [height, width, channels] = shape as [number, number, number];
  return height > 4 && width > 4 && [1, 3, 4].includes(channels);
}

/** Calls `use`, and adds a hint to a {@link ShapeError} about samples that look so. */
export function hintChannelsLast<Result>(shape: unknown, use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof ShapeError) || !looksChannelsLast(shape)) throw error;
    if (error.message.includes(channelsFirst)) throw error;
    throw new ShapeError(`${error.message}; ${channelsFirst}`, { cause: error });
  }
}
