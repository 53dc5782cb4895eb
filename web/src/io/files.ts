// The way to formats.ts, which is loaded when it is first needed: most pages that train a network never
// read or write a file. Nothing here needs the engine.
import type { FileArray } from './file-array.js';
import type { ModelFile } from './model-file.js';
import { loadFormats } from './on-demand.js';
import type { ReadOptions } from './safetensors.js';

type Formats = typeof import('./formats.js');
type Writer =
  'writeCheckpoint' | 'writeModelSafetensors' | 'writeNpz' | 'writeOnnx' | 'writeSafetensors';

/** The files that each function of formats.ts reads. */
interface Files {
  readCheckpoint: [bytes: Uint8Array];
  readKeras: [json: string, weights: Uint8Array];
  readLayersModel: [modelJson: string, shards: readonly Uint8Array[]];
  readNpz: [bytes: Uint8Array];
  readSafetensors: [bytes: Uint8Array, options?: ReadOptions];
}

/** Those of a function that reads a model. */
export type ModelReader = Exclude<keyof Files, 'readSafetensors'>;

/** The files that such a function reads. */
export type FilesOf<Reader extends keyof Files> = Files[Reader];

type Contents<Reader> = Reader extends ModelReader ? ModelFile : Map<string, FileArray>;

/** A copy of a file, also of another realm, and of those in a list; other values as they are. */
function copyOf<File>(file: File, depth = 2): File {
  if (Array.isArray(file) && depth > 0) {
    return file.map((each: unknown) => copyOf(each, depth - 1)) as File;
  }
  const isFile = Object.prototype.toString.call(file) === '[object Uint8Array]';
  return isFile ? (new Uint8Array(file as Uint8Array) as File) : file;
}

/**
 * The contents of files, which are copied at once: a caller may change them after the call.
 * @param call - What errors name: "loadNpz".
 * @throws {@link ArgumentTypeError} for anything but files, and what the reader throws.
 */
export async function readFiles<Reader extends keyof Files>(
  call: string,
  reader: Reader,
  ...files: FilesOf<Reader>
): Promise<Contents<Reader>> {
  const own: readonly unknown[] = copyOf(files);
  const formats = await loadFormats();
  formats.checkFiles(call, reader, own);
  const read = formats[reader] as (
    ...files: unknown[]
  ) => Contents<Reader> | Promise<Contents<Reader>>;
  return read(...own);
}

/** A file with some contents. */
export async function writeFile<Name extends Writer>(
  writer: Name,
  contents: Parameters<Formats[Name]>[0],
): Promise<Uint8Array<ArrayBuffer>> {
  const formats = await loadFormats();
  return (formats[writer] as (own: typeof contents) => Uint8Array<ArrayBuffer>)(contents);
}
