import { ArgumentTypeError, describe } from '../runtime/errors.js';

const toKeras = 'load it in Python and write the two files that loadKeras reads';

/** Files that people have, by their first bytes as Latin-1, and the way to one that is read. */
const beginnings: readonly (readonly [beginning: RegExp, problem: string])[] = [
  [/^\x89HDF/, `is an HDF5 file (.h5); ${toKeras}`],
  [/^\x93NUMPY/, 'is a single .npy array; numpy.savez writes .npz files'],
  [/^\s*</, 'is a web page or XML: the address is wrong'],
  [/^.{8}\s*\{/s, 'is a .safetensors file; readSafetensors reads it'],
  [/^\s*\{/, 'is JSON, not the weights'],
  [/^PK/, 'is a zip archive; loadNpz and loadKeras read .npz files'],
];

/** The kind of a file that is not of the kind it should be; undefined when it is not known. */
export function otherKind(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  return beginnings.find(([beginning]) => beginning.test(start))?.[1];
}

/** The kind of an archive that is no .npz file, by the names in it. */
export function otherArchive(names: Iterable<string>): string | undefined {
  for (const name of names) {
    if (name === 'metadata.json') return `is a .keras file; ${toKeras}`;
    if (name.endsWith('/data.pkl')) {
      return 'is a PyTorch file; safetensors.torch.save_file writes one that is read';
    }
  }
  return undefined;
}

/** The way from a value of some kind to the bytes of a file. */
const ways: Record<string, string> = {
  ArrayBuffer: 'new Uint8Array(buffer)',
  Blob: 'new Uint8Array(await file.arrayBuffer())',
  File: 'new Uint8Array(await file.arrayBuffer())',
  Response: 'new Uint8Array(await response.arrayBuffer())',
  String: 'the contents of that file',
  Promise: 'what it is fulfilled with: await it',
};

const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

function reject(what: string, wanted: string, value: unknown, way: string | undefined): never {
  throw new ArgumentTypeError(
    `${what} must be ${wanted}, got ${describe(value)}${way === undefined ? '' : `; pass ${way}`}`,
  );
}

function checkBytes(what: string, value: unknown): void {
  const kind = kindOf(value);
  if (kind !== 'Uint8Array') reject(what, 'a Uint8Array', value, ways[kind]);
}

/** The files that readers take, by their names in errors; those that end in "json" are texts. */
const filesOf: Readonly<Record<string, readonly string[]>> = {
  readKeras: ['json', 'weights'],
  readLayersModel: ['modelJson', 'shards'],
};

/**
 * Checks the files that a caller has given.
 * @param call - What errors name: "loadNpz".
 * @param reader - The function of formats.ts that shall read them.
 * @throws {@link ArgumentTypeError}, with the way to what is wanted.
 */
export function checkFiles(call: string, reader: string, files: readonly unknown[]): void {
  for (const [i, name] of (filesOf[reader] ?? ['bytes']).entries()) {
    const what = `${call}: ${name}`;
    const value = files[i];
    const kind = kindOf(value);
    if (/json$/i.test(name)) {
      const way =
        kind === 'Uint8Array' ? 'new TextDecoder().decode(bytes)' : 'await response.text()';
      if (kind !== 'String') reject(what, 'the text of the file', value, way);
    } else if (name !== 'shards') {
      checkBytes(what, value);
    } else if (Array.isArray(value)) {
      for (const [i, shard] of value.entries()) checkBytes(`${what}[${i}]`, shard);
    } else {
      reject(what, 'a list of Uint8Arrays', value, kind === 'Uint8Array' ? '[bytes]' : undefined);
    }
  }
}
