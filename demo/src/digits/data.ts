import type { Digits, Download } from '../types.js';

/** Pixels of an image. */
export const pixels = 28 * 28;

/** How many samples, the first of those held back, the page shows with what they are taken for. */
export const watchedCount = 30;

/** Factor of a byte of an image: 0 is paper, 1 is ink. */
export const scale = 1 / 255;

/** The image in a row. */
export function imageOf({ images }: Digits, row: number): Uint8Array {
  return images.slice(row * pixels, (row + 1) * pixels);
}

/** So many images, from a row on, as a network takes them. */
export function toInputs(
  { images }: Digits,
  first: number,
  count: number,
): Float32Array<ArrayBuffer> {
  const inputs = new Float32Array(images.subarray(first * pixels, (first + count) * pixels));
  for (let i = 0; i < inputs.length; i++) inputs[i] = (inputs[i] ?? 0) * scale;
  return inputs;
}

const cache = new Map<string, Promise<Digits>>();

async function decompress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  // A server that marks the file as gzip makes the browser unpack it.
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!packed) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function readBody(response: Response, onBytes: (count: number) => void): Promise<Blob> {
  if (response.body === null) return response.blob();
  const reader = response.body.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(chunks);
    chunks.push(value);
    onBytes(value.length);
  }
}

/** The browser's cache for the files of the data sets; undefined where there is none. */
async function openCache(): Promise<Cache | undefined> {
  // Browsers allow it on https and on this machine only.
  return 'caches' in globalThis ? caches.open('lamella-data') : undefined;
}

/** The response to a request for a file, from the cache if it is there. */
async function request(url: string): Promise<{ response: Response; cache: Cache | undefined }> {
  const cache = await openCache();
  const kept = await cache?.match(url);
  if (kept) return { response: kept, cache: undefined };
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${String(response.status)}`);
  return { response, cache };
}

async function fetchPart(url: string, onBytes: (count: number) => void): Promise<Digits> {
  const file = url.slice(url.lastIndexOf('/') + 1);
  let body: Blob;
  try {
    const { response, cache } = await request(url);
    body = await readBody(response, onBytes);
    // A full disk must not keep anyone from training.
    await cache?.put(url, new Response(body)).catch((error: unknown) => {
      console.warn(`${file} is not kept for use without a network.`, error);
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The images could not be downloaded (${file}: ${why}).`, { cause: error });
  }
  const bytes = await decompress(new Uint8Array(await body.arrayBuffer()));
  const rows = bytes.length / (1 + pixels);
  if (rows === 0 || !Number.isInteger(rows)) {
    throw new Error(`The images could not be read: ${file} is damaged or not there.`);
  }
  return { labels: bytes.subarray(0, rows), images: bytes.subarray(rows) };
}

function join(parts: readonly Digits[]): Digits {
  const [first] = parts;
  if (parts.length === 1 && first) return first;
  const rows = parts.reduce((sum, part) => sum + part.labels.length, 0);
  const joined = { images: new Uint8Array(rows * pixels), labels: new Uint8Array(rows) };
  let row = 0;
  for (const { images, labels } of parts) {
    joined.images.set(images, row * pixels);
    joined.labels.set(labels, row);
    row += labels.length;
  }
  return joined;
}

/**
 * Downloads files, each once, and joins their samples.
 * @param onBytes - Told the size of every piece as it arrives.
 */
export async function loadDigits(
  files: readonly Download[],
  onBytes: (count: number) => void = () => undefined,
): Promise<Digits> {
  const parts = files.map(({ url }) => {
    const known = cache.get(url);
    if (known) return known;
    const part = fetchPart(url, onBytes);
    cache.set(url, part);
    part.catch(() => cache.delete(url));
    return part;
  });
  return join(await Promise.all(parts));
}

/** Bytes of those files that are not here yet. */
export function missingBytes(files: readonly Download[]): number {
  return files.reduce((sum, { url, bytes }) => sum + (cache.has(url) ? 0 : bytes), 0);
}
