import { isDetached, reject } from '../runtime/checks.js';
import { FormatError, ValueError } from '../runtime/errors.js';

/**
 * Text, or where its bytes come from: a file of a page or a folder, an answer of `fetch`, a stream of
 * the web or of Node. Bytes are UTF-8.
 */
export type TextSource =
  | string
  | Uint8Array
  | Blob
  | Response
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>;

const wanted = 'a text, its bytes, a Blob, a Response or a stream of these';

async function* readStream<Piece>(stream: ReadableStream<Piece>): AsyncGenerator<Piece> {
  const reader = stream.getReader();
  let isOver = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isOver = done;
      if (done) return;
      yield value;
    }
  } finally {
    // Whoever has enough lets go of the file or connection.
    if (!isOver) await reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}

/**
 * Looks at a source before it is read.
 *
 * @throws {@link ArgumentTypeError} for anything that is none.
 */
export function checkSource(what: string, source: unknown): void {
  const given = Object(source) as Record<string | symbol, unknown>;
  const isBytes = typeof source === 'string' || source instanceof Uint8Array || 'body' in given;
  const readers = ['stream', 'getReader', Symbol.asyncIterator];
  if (isBytes || readers.some((name) => typeof given[name] === 'function')) return;
  reject(what, wanted, source);
}

function piecesOf(what: string, source: unknown): AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof source === 'string' || source instanceof Uint8Array) return [source];
  const given = Object(source) as Partial<
    Blob & Response & ReadableStream & AsyncIterable<unknown>
  >;
  if (typeof given.stream === 'function') return readStream(given.stream());
  if ('body' in given && 'ok' in given) {
    if (!given.ok) {
      throw new ValueError(`${what} must be a response with content, got status ${given.status}`);
    }
    if (given.bodyUsed) throw new ValueError(`${what}: the response has been read before`);
    return given.body ? readStream(given.body) : [];
  }
  // Not every browser lets streams be iterated over.
  if (typeof given.getReader === 'function') {
    if (given.locked) throw new ValueError(`${what}: somebody else reads the stream`);
    return readStream(source as ReadableStream<unknown>);
  }
  if (typeof given[Symbol.asyncIterator] === 'function') return source as AsyncIterable<unknown>;
  return reject(what, wanted, source);
}

/**
 * The text of a source, a piece at a time.
 *
 * @throws {@link ArgumentTypeError} for anything else, {@link ValueError} for a response that is an
 * error, {@link FormatError} for bytes that are not UTF-8.
 */
export async function* textOf(what: string, source: TextSource): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch (cause) {
      throw new FormatError(what, 'is not UTF-8', { cause });
    }
  };
  let isFirst = true;
  for await (const piece of piecesOf(what, source)) {
    if (typeof piece === 'string') yield isFirst ? piece.replace(/^\uFEFF/, '') : piece;
    else if (!(piece instanceof Uint8Array) || isDetached(piece)) reject(what, wanted, piece);
    else yield decode(piece);
    isFirst = false;
  }
  yield decode();
}
