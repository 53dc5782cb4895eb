// A call may return, or throw an error of lamella's of a length that people read: all else is a finding.
import { LamellaError, zeros } from 'lamella';

const longest = 300;

/** The error of the torture's own callbacks, which the engine must pass on. */
export class Thrown extends Error {}

/** Throws unless the error is typed, by the base class of the entry it came from, and short. */
export function checkError(error, call, Base = LamellaError) {
  if (error instanceof Thrown) return;
  if (!(error instanceof Base)) {
    throw Object.assign(new Error(`${call}: untyped error: ${error?.stack ?? String(error)}`), {
      fatal: error instanceof WebAssembly.RuntimeError,
    });
  }
  if (error.message.length > longest) {
    throw new Error(
      `${call}: ${error.name} of ${error.message.length} characters: ${error.message.slice(0, 300)}`,
    );
  }
}

/** Bytes of the engine's heap. */
export function heapBytes() {
  const tensor = zeros([1]);
  const { byteLength } = tensor.view().buffer;
  tensor.dispose();
  return byteLength;
}
