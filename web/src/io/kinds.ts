import { ArgumentTypeError, shorten, describe } from '../runtime/errors.js';

// Files of the kinds that people have, by what they begin with, and the way to one that is read here.
const toKeras =
  'in Python: model = keras.models.load_model(…); then write the two files that loadKeras takes';

/** Kinds by their first bytes, as Latin-1. */
const beginnings: readonly (readonly [beginning: RegExp, problem: string])[] = [
  [/^\x89HDF\r\n/, `is an HDF5 file (.h5), which is not read; ${toKeras}`],
  [/^\x93NUMPY/, 'is a single array (.npy), not an .npz archive; write it with numpy.savez'],
  [/^\x1f\x8b/, 'is compressed with gzip; unpack it first'],
  [/^\s*<(!doctype|html)/i, 'is a web page, not the file: its address is wrong'],
  [/^version https:\/\/git-lfs/, 'is a pointer of Git LFS, not the file: git lfs pull fetches it'],
  [/^.{4}TFL3/s, 'is a TensorFlow Lite model, which is not read'],
  [
    /^\x80[\x02-\x05]/,
    'is a Python pickle, which is not read; write it with safetensors in Python',
  ],
  [/^.{8}\s*\{\s*["}]/s, 'is a .safetensors file; readSafetensors and loadSafetensors read it'],
  [/^\s*[[{]/, 'is JSON, not the weights'],
  [/^PK\x03\x04/, 'is a zip archive: loadNpz reads .npz files, loadKeras those of numpy.savez'],
];

/** The kind of a file that is none of the kind it should be; undefined when it is not known. */
export function otherKind(bytes: Uint8Array, not?: 'zip'): string | undefined {
  if (bytes.length === 0) return 'is empty';
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  if (not !== 'zip' && start.startsWith('PK')) return undefined;
  return beginnings.find(([beginning]) => beginning.test(start))?.[1];
}

/** The kind of an archive that has other files than an .npz, by their names. */
export function otherArchive(names: Iterable<string>): string | undefined {
  const all = new Set(names);
  if (all.has('model.weights.h5') || all.has('metadata.json')) {
    return `is a .keras file; ${toKeras}`;
  }
  for (const name of all) {
    if (name.endsWith('/data.pkl')) {
      return 'is a file of torch.save; write it with safetensors.torch.save_file in Python';
    }
  }
  return undefined;
}

/** The way from values that people pass to the bytes or the text of a file. */
const ways: Record<string, string> = {
  ArrayBuffer: 'pass new Uint8Array(buffer)',
  SharedArrayBuffer: 'pass new Uint8Array(buffer)',
  Promise: 'await it first',
  Response: 'pass new Uint8Array(await response.arrayBuffer()), or await response.text() for JSON',
  Blob: 'pass new Uint8Array(await file.arrayBuffer())',
  File: 'pass new Uint8Array(await file.arrayBuffer())',
};

function isBytes(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Uint8Array]';
}

function wrong(what: string, wanted: string, value: unknown, way = ''): ArgumentTypeError {
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  const advice = way || (Object.hasOwn(ways, kind) ? (ways[kind] as string) : '');
  const given = shorten(describe(value), 60);
  return new ArgumentTypeError(`${what} must be ${wanted}, got ${given}${advice && `; ${advice}`}`);
}

/**
 * Checks the files that a caller has given, by their names in errors: `loadNpz: bytes`. Those whose
 * name ends in "json" are texts, in "shards" lists, and all others bytes.
 * @throws {@link ArgumentTypeError}, with the way to what is wanted.
 */
export function checkFiles(files: Readonly<Record<string, unknown>>): void {
  for (const [what, value] of Object.entries(files)) {
    if (/json$/i.test(what)) {
      if (typeof value === 'string') continue;
      const way = isBytes(value)
        ? 'pass new TextDecoder().decode(bytes)'
        : 'pass the text as it is in the file: await response.text(), or JSON.stringify(object)';
      throw wrong(what, 'a text', value, way);
    }
    if (what.endsWith('shards')) {
      if (!Array.isArray(value)) {
        throw wrong(what, 'a list of Uint8Arrays', value, isBytes(value) ? 'pass [bytes]' : '');
      }
      for (const [i, shard] of value.entries()) {
        if (!isBytes(shard)) throw wrong(`${what}[${i}]`, 'a Uint8Array', shard);
      }
    } else if (!isBytes(value)) {
      const way = typeof value === 'string' ? 'fetch or read the file, and pass its bytes' : '';
      throw wrong(what, 'a Uint8Array', value, way);
    }
  }
}
