import { FormatError, ValueError } from '../runtime/errors.js';
import { decodeText, encodeText } from '../runtime/text.js';
import { concatenate, numbersIn, wholeNumbers } from './binary.js';
import { crc32 } from './crc32.js';
import { otherKind } from './kinds.js';
import { limits } from './limits.js';

// Source of the format: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central
// directory) and 4.3.16 (its end). No archive over 4 GiB (zip64), none on several disks, none with
// a password, no comment at the end: numpy writes none of these.
const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
const localSize = 30;
const centralSize = 46;
const endSize = 22;

interface ZipEntry {
  readonly name: string;
  readonly deflated: boolean;
  /** As stored in the file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly size: number;
  readonly crc: number;
}

function decodeName(bytes: Uint8Array): string {
  try {
    return decodeText(bytes);
  } catch (cause) {
    throw new FormatError('zip directory', 'a name is not UTF-8', { cause });
  }
}

/** The contents of an archive by name, nothing of them unpacked yet. */
function readDirectory(bytes: Uint8Array<ArrayBuffer>): ZipEntry[] {
  const { u16, u32 } = numbersIn(bytes);
  const end = bytes.length - endSize;
  if (end < 0 || u32(end) !== endSignature) {
    const kind = bytes[0] === 0x50 ? undefined : otherKind(bytes);
    throw new FormatError('zip directory', kind ?? 'not a zip file, or truncated');
  }
  const count = u16(end + 10);
  const start = u32(end + 16);
  if (
    u32(end + 4) !== 0 || // both disk numbers
    u16(end + 8) !== count ||
    start + u32(end + 12) !== end ||
    u16(end + 20) !== 0
  ) {
    throw new FormatError('zip directory', 'its end does not fit the file');
  }
  const entries: ZipEntry[] = [];
  const spans: { name: string; start: number; end: number }[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + centralSize > end || u32(at) !== centralSignature) {
      throw new FormatError('zip directory', `entry ${i} of ${count} is damaged`);
    }
    const flags = u16(at + 8);
    const method = u16(at + 10);
    const packed = u32(at + 20);
    const size = u32(at + 24);
    const nameLength = u16(at + 28);
    const local = u32(at + 42);
    const next = at + centralSize + nameLength + u16(at + 30) + u16(at + 32);
    if (next > end) throw new FormatError('zip directory', `entry ${i} is truncated`);
    const nameBytes = bytes.subarray(at + centralSize, at + centralSize + nameLength);
    const name = decodeName(nameBytes);
    if ((flags & 1) !== 0) throw new FormatError(name, 'is encrypted');
    if (method !== 0 && method !== 8) {
      throw new FormatError(name, `compression method ${method} is neither 0 nor 8`);
    }
    if (packed === 0xffffffff || size === 0xffffffff || local === 0xffffffff) {
      throw new FormatError(name, 'zip64 is not supported');
    }
    if (method === 0 && packed !== size) throw new FormatError(name, 'its two sizes differ');
    if (local + localSize > start || u32(local) !== localSignature) {
      throw new FormatError(name, 'its local header is not where the directory says');
    }
    // The local header may have another extra field; sizes count in the directory only.
    const data = local + localSize + u16(local + 26) + u16(local + 28);
    if (data + packed > start) throw new FormatError(name, 'reaches beyond the file');
    const localName = bytes.subarray(local + localSize, local + localSize + nameLength);
    if (
      u16(local + 26) !== nameLength ||
      u16(local + 8) !== method ||
      localName.some((byte, k) => byte !== nameBytes[k])
    ) {
      throw new FormatError(name, 'its local header differs from the directory');
    }
    spans.push({ name, start: local, end: data + packed });
    entries.push({
      name,
      deflated: method === 8,
      bytes: bytes.subarray(data, data + packed),
      size,
      crc: u32(at + 16),
    });
    at = next;
  }
  if (at !== end) throw new FormatError('zip directory', 'holds more than its entries');
  checkSpans(spans);
  return entries;
}

function checkSpans(spans: { name: string; start: number; end: number }[]): void {
  const names = new Set<string>();
  let last = 0;
  for (const { name, start, end } of spans.sort((a, b) => a.start - b.start)) {
    if (names.has(name)) throw new FormatError(name, 'is there twice');
    if (start < last) throw new FormatError(name, 'overlaps another entry');
    names.add(name);
    last = end;
  }
}

/** Unpacks an entry; stops as soon as there is more than the directory says. */
async function inflate({ name, bytes, size }: ZipEntry): Promise<Uint8Array> {
  const result = new Uint8Array(size);
  let at = 0;
  try {
    const stream = new Blob([bytes])
      .stream()
      .pipeThrough<Uint8Array>(new DecompressionStream('deflate-raw'));
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (at + value.length > size) {
        await reader.cancel();
        throw new FormatError(name, `unpacks to more than its ${size} bytes`);
      }
      result.set(value, at);
      at += value.length;
    }
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(name, 'its compressed data is damaged', { cause });
  }
  if (at === size) return result;
  throw new FormatError(name, `unpacks to ${at} bytes instead of ${size}`);
}

/**
 * The files in a zip archive, stored or deflated, by name.
 * @throws {@link FormatError} for anything damaged, ambiguous (two entries of one name, overlaps)
 * or out of proportion to the archive.
 * @param archive - The caller's own: nobody changes it between the checks and the unpacking.
 */
export async function readZip(archive: Uint8Array<ArrayBuffer>): Promise<Map<string, Uint8Array>> {
  const entries = readDirectory(archive);
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total > limits.unpacked + limits.inflation * archive.length) {
    throw new FormatError('zip directory', `${archive.length} bytes claim to unpack to ${total}`);
  }
  const files = new Map<string, Uint8Array>();
  for (const entry of entries) {
    const contents = entry.deflated ? await inflate(entry) : entry.bytes;
    if (crc32(contents) !== entry.crc) throw new FormatError(entry.name, 'its checksum is wrong');
    files.set(entry.name, contents);
  }
  return files;
}

/** The bytes of a name. Throws for one that no reader would find again. */
function encodeName(name: string): Uint8Array {
  // Decoders take a byte order mark away.
  if (!/^\uFEFF|\p{Surrogate}/u.test(name)) {
    const bytes = encodeText(name);
    if (bytes.length <= 0xffff) return bytes;
  }
  throw new ValueError(
    `zip: '${name.slice(0, 50)}…' is no name of a file: it must be Unicode, at most 65,535 bytes`,
  );
}

/**
 * A zip archive of files, stored as they are. The same files give the same bytes.
 * @throws {@link ValueError} for more or longer files than the format holds.
 */
export function writeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  // The greatest numbers mean zip64.
  if (files.size >= 0xffff) throw new ValueError(`zip: ${files.size} arrays, at most 65,534`);
  const pieces: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, contents] of files) {
    const nameBytes = encodeName(name);
    const size = contents.length;
    // Both headers share these.
    const shared = wholeNumbers(
      [20, 2], // version 2.0
      [0x800, 2], // UTF-8 names
      [0, 2], // stored
      [0, 2], // midnight
      [0x21, 2], // 1980-01-01
      [crc32(contents), 4],
      [size, 4],
      [size, 4],
      [nameBytes.length, 2],
      [0, 2], // no extra field
    );
    pieces.push(wholeNumbers([localSignature, 4]), shared, nameBytes, contents);
    directory.push(
      wholeNumbers([centralSignature, 4], [20, 2]),
      shared,
      // No comment, the first disk, no attributes.
      wholeNumbers([0, 10], [offset, 4]),
      nameBytes,
    );
    offset += localSize + nameBytes.length + size;
  }
  const directorySize = directory.reduce((sum, { length }) => sum + length, 0);
  if (offset + directorySize >= 0xffffffff) throw new ValueError('zip: longer than 4 GiB');
  const end = wholeNumbers(
    [endSignature, 4],
    [0, 4], // the first disk, the only one
    [files.size, 2],
    [files.size, 2],
    [directorySize, 4],
    [offset, 4],
    [0, 2], // no comment
  );
  return concatenate([...pieces, ...directory, end]);
}
