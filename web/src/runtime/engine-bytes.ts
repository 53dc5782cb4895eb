import { bytesOf } from './bytes-of.js';
import { imported } from './imported.js';
import { nodeModule } from './node.js';
import type { Variant } from './variants.js';

/** Loads engines' bytes as text. Each stands in a chunk of its own: nobody downloads two. */
export type EngineTexts = Record<Variant, () => Promise<{ readonly default: string }>>;

const texts: EngineTexts = {
  simd: () => import('../wasm/simd.bytes.js'),
  relaxed: () => import('../wasm/relaxed.bytes.js'),
  threads: () => import('../wasm/threads.bytes.js'),
  'relaxed-threads': () => import('../wasm/relaxed-threads.bytes.js'),
};

/** Undefined where a bundler has forgotten it. */
const moduleAddress = import.meta.url as string | undefined;

/**
 * The engine in the file beside this module, in Node: 5 ms sooner there than the same bytes as text.
 * Undefined elsewhere, and where a bundler has left the file behind or forgotten where it is.
 */
function readFromDisk(name: string): Uint8Array<ArrayBuffer> | undefined {
  const files = nodeModule('node:fs') as
    { readFileSync(url: URL): Uint8Array<ArrayBuffer> } | undefined;
  if (files === undefined || moduleAddress === undefined) return undefined;
  // Not relative to import.meta.url: bundlers take that for a file to copy, and any template in it for
  // every file that fits.
  const folder = moduleAddress.slice(0, moduleAddress.lastIndexOf('/') + 1);
  try {
    return files.readFileSync(new URL(`${folder}${name}.wasm`));
  } catch {
    return undefined;
  }
}

/**
 * The bytes of an engine.
 * @param own - The texts of another kind of engine.
 * @param name - The names of its files before the variant.
 */
export async function engineBytes(
  variant: Variant,
  own = texts,
  name = 'lamella',
): Promise<Uint8Array<ArrayBuffer>> {
  return readFromDisk(`${name}.${variant}`) ?? bytesOf((await imported(own[variant]())).default);
}
