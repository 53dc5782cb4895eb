import { OutOfMemoryError, StateError, UnsupportedError } from '../index.js';
import { isDetached } from '../runtime/checks.js';
import { bytesOf } from '../runtime/bytes-of.js';
import { describe } from '../runtime/errors.js';
import text from '../wasm/images.bytes.js';
import type { Pixels } from './pixels.js';

/** A part of a picture, in pixels from its upper left corner. */
export interface Rectangle {
  /** Columns before it. */
  readonly left: number;
  /** Rows above it. */
  readonly top: number;
  /** Its columns. */
  readonly width: number;
  /** Its rows. */
  readonly height: number;
}

/** Size of the pictures that are made, and their channels. */
export interface Target {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3 | 4;
  /** Factor of each byte. */
  readonly scale: number;
}

/** Functions of cpp/images/module.cc; addresses and sizes are bytes. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  /** Runs C++'s constructors: before anything else. */
  readonly _initialize: () => void;
  readonly malloc: (size: number) => number;
  readonly free: (address: number) => void;
  readonly resizeWorkspace: (
    height: number,
    width: number,
    outputHeight: number,
    outputWidth: number,
  ) => number;
  readonly resize: (
    pixels: number,
    height: number,
    width: number,
    channels: number,
    rowBytes: number,
    output: number,
    outputHeight: number,
    outputWidth: number,
    outputChannels: number,
    scale: number,
    workspace: number,
  ) => void;
}

/** Memory that is kept from one picture to the next: that of a frame of 1920 x 1080 and more. */
const keptBytes = 2 ** 25;

/** Bytes that the module may have. */
const maxBytes = 2 ** 31;

let compiled: WebAssembly.Module | undefined;
let kept: Exports | undefined;

/** The error for a module that cannot be made; it may be made later. */
function failure(cause: unknown): Error {
  const Class = cause instanceof RangeError ? OutOfMemoryError : UnsupportedError;
  return new Class(`imageTensor: its WebAssembly cannot be loaded: ${describe(cause)}`, { cause });
}

/** The module's functions, on memory of their own. */
async function instantiate(): Promise<Exports> {
  try {
    compiled ??= await WebAssembly.compile(bytesOf(text));
    const imports = { env: { emscripten_notify_memory_growth: () => undefined } };
    const instance = await WebAssembly.instantiate(compiled, imports);
    const exports = instance.exports as unknown as Exports;
    exports._initialize();
    return exports;
  } catch (cause) {
    throw failure(cause);
  }
}

/** Makes pictures of one size of others: `resize` of cpp/kernels/resize.h. */
export class Resizer {
  readonly #exports: Exports;
  readonly #target: Target;

  private constructor(exports: Exports, target: Target) {
    this.#exports = exports;
    this.#target = target;
  }

  static async create(target: Target): Promise<Resizer> {
    const exports = kept ?? (await instantiate());
    return new Resizer(exports, target);
  }

  /**
   * Writes a part of a picture, [channels, height, width] at the target's size.
   * @throws {@link OutOfMemoryError} where there is no room for the picture, {@link StateError} where it
   * has lost its bytes.
   */
  resize(pixels: Pixels, part: Rectangle, output: Float32Array): void {
    const { malloc, free, memory, resize, resizeWorkspace } = this.#exports;
    const { height, width, channels, scale } = this.#target;
    const taken: number[] = [];
    // Until all has gone well: an instance that has failed, or is large, is not used again.
    kept = undefined;
    const take = (size: number): number => {
      const address = size < maxBytes ? malloc(size) : 0;
      if (address === 0) {
        throw new OutOfMemoryError(
          `imageTensor: out of memory for a picture of ${pixels.width} x ${pixels.height} that ` +
            `becomes ${width} x ${height}`,
        );
      }
      taken.push(address);
      return address >>> 0;
    };
    const rowBytes = pixels.width * pixels.channels;
    const firstByte = part.top * rowBytes;
    const lastByte = firstByte + part.height * rowBytes;
    // Its buffer may have become shorter as well.
    if (isDetached(pixels.data) || pixels.data.length < lastByte) {
      throw new StateError('imageTensor: the memory of data was given away meanwhile');
    }
    try {
      const rows = pixels.data.subarray(firstByte, lastByte);
      // A byte beyond the last pixel is read.
      const from = take(rows.length + 1);
      const to = take(4 * channels * height * width);
      const workspace = take(resizeWorkspace(part.height, part.width, height, width));
      new Uint8Array(memory.buffer, from, rows.length).set(rows);
      resize(
        from + part.left * pixels.channels,
        part.height,
        part.width,
        pixels.channels,
        rowBytes,
        to,
        height,
        width,
        channels,
        scale,
        workspace,
      );
      output.set(new Float32Array(memory.buffer, to, output.length));
    } finally {
      for (const address of taken) free(address);
    }
    // Memory never shrinks: that of a great picture goes with the instance.
    if (memory.buffer.byteLength <= keptBytes) kept = this.#exports;
  }
}
