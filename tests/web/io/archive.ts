// Writes zip and .npy files, also such as no honest program writes.
import { crc32 } from 'node:zlib';

/** A file in an archive. Fields that are not given are as they should be. */
export interface ZipFile {
  readonly name: string;
  readonly contents: Uint8Array;
  /** Stored instead of the contents. */
  readonly packed?: Uint8Array;
  readonly size?: number;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  /** Where the directory says that it begins. */
  readonly offset?: number;
}

/** Little-endian numbers of 2 or 4 bytes. */
function pack(...numbers: readonly (readonly [size: 2 | 4, value: number])[]): Buffer {
  return Buffer.concat(
    numbers.map(([size, value]) => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(value | 0);
      return bytes.subarray(0, size);
    }),
  );
}

/** A zip archive. */
export function zip(files: readonly ZipFile[]): Uint8Array {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const file of files) {
    const { name, contents, packed = contents, size = contents.length } = file;
    const { method = 0, flags = 0, crc = crc32(contents), offset = at } = file;
    const bytes = Buffer.from(name);
    const common = pack(
      ...([
        [2, 20],
        [2, flags],
        [2, method],
        [4, 0],
        [4, crc],
      ] as const),
      ...([
        [4, packed.length],
        [4, size],
        [2, bytes.length],
        [2, 0],
      ] as const),
    );
    const local = Buffer.concat([pack([4, 0x04034b50]), common, bytes, packed]);
    locals.push(local);
    directory.push(pack([4, 0x02014b50], [2, 20]), common);
    directory.push(pack([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), bytes);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = pack(
    ...([
      [4, 0x06054b50],
      [4, 0],
      [2, files.length],
      [2, files.length],
    ] as const),
    ...([
      [4, central.length],
      [4, at],
      [2, 0],
    ] as const),
  );
  return new Uint8Array(Buffer.concat([...locals, central, end]));
}

/** An array as numpy saves it. */
export function npy(dtype: string, shape: readonly number[], data: Uint8Array): Uint8Array {
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const header = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const text = `${header.padEnd(117)}\n`;
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, text.length & 255, text.length >> 8]),
    Buffer.from(text),
    data,
  ]);
}

/** A text as numpy saves it. */
export function npyText(text: string): Uint8Array {
  const codes = Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return npy(`<U${codes.length}`, [], new Uint8Array(codes.buffer));
}
