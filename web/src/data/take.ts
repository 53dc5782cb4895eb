import { channelsHint } from '../channels.js';
import { ShapeError, showShape } from '../runtime/errors.js';
import { countSamples, type Shape } from '../shape.js';
import { Tensor, type TensorData, tensorFrom } from '../tensor.js';

function copy(what: string, data: TensorData, sample: Shape): Tensor {
  if (!ArrayBuffer.isView(data)) return tensorFrom(what, data);
  return tensorFrom(what, data, [countSamples(what, data.length, sample), ...sample]);
}

/** Data as a tensor of such samples; copies made here are added to `free`. */
export function takeData(
  what: string,
  data: Tensor | TensorData,
  sample: Shape,
  free: Pick<Tensor, 'dispose'>[],
): Tensor {
  let taken = data as Tensor;
  if (!(data instanceof Tensor)) free.push((taken = copy(what, data, sample)));
  const { shape } = taken;
  const own = shape.slice(1).join();
  const isExpected = what.endsWith('y');
  // Class numbers may stand in an axis of one class, whose place the engine knows.
  const isColumn = (size: number, i: number): boolean =>
    i > 0 && size === 1 && shape.filter((_, j) => j > 0 && j !== i).join() === sample.join();
  if (own !== sample.join() && !(isExpected && shape.some(isColumn))) {
    // Vectors in the place of images or sequences, but for sequences of single numbers.
    const isFlat = isExpected && shape.length === 2 && (sample[1] ?? 1) > 1;
    const hint = isFlat ? '; a Flatten layer before Dense makes one vector of each sample' : '';
    throw new ShapeError(
      `${what} must have shape [${['samples', ...sample].join(', ')}], ` +
        `got ${showShape(shape)}${channelsHint(shape.slice(1)) || hint}`,
    );
  }
  return taken;
}
