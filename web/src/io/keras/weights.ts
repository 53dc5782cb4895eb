import { FormatError } from '../../runtime/errors.js';
import type { FileArray } from '../file-array.js';
import type { KerasWeights } from './layer.js';

/** An array of a file, or the reason why it cannot be a weight. */
export type Found = FileArray | { readonly refused: string };

/** How arrays are told apart, and which are left. */
export interface Resolver extends KerasWeights {
  /** Throws for an array that is a weight of one of the layers, and which none has asked for. */
  finish(layers: ReadonlySet<string>): void;
}

/** What Keras calls weights. */
const weightNames = new Set([
  'kernel',
  'depthwise_kernel',
  'bias',
  'gamma',
  'beta',
  'moving_mean',
  'moving_variance',
]);

/** `sequential/dense/kernel_1:0` as its folders and the weight: `kernel`. */
function parse(name: string): { folders: string[]; weight: string } {
  const folders = name.replace(/:\d{1,9}$/, '').split('/');
  return { folders, weight: (folders.pop() ?? '').replace(/_\d{1,9}$/, '') };
}

/** Names by weight and by each folder on the way to it. */
class Index {
  readonly #direct = new Map<string, Map<string, string[]>>();
  readonly #within = new Map<string, Map<string, string[]>>();

  constructor(names: Iterable<string>) {
    for (const name of names) {
      const { folders, weight } = parse(name);
      const own = folders.at(-1);
      for (const folder of new Set(folders)) {
        this.#add(folder === own ? this.#direct : this.#within, weight, folder, name);
      }
    }
  }

  /** The names of a layer's weight: those in its own folder, else those further in. */
  find(layer: string, weight: string): readonly string[] {
    return this.#direct.get(weight)?.get(layer) ?? this.#within.get(weight)?.get(layer) ?? [];
  }

  #add(
    index: Map<string, Map<string, string[]>>,
    weight: string,
    folder: string,
    name: string,
  ): void {
    const folders = index.get(weight) ?? new Map<string, string[]>();
    index.set(weight, folders);
    const names = folders.get(folder) ?? [];
    folders.set(folder, names);
    names.push(name);
  }
}

/** The layer's array as it is, unless it was refused. */
function checked(entry: string, array: Found): { entry: string; array: FileArray } {
  if ('refused' in array) throw new FormatError(entry, array.refused);
  return { entry, array };
}

/** Gives each layer the arrays that are named after it; the others are nobody's. */
export function byName(arrays: ReadonlyMap<string, Found>): Resolver {
  const index = new Index(arrays.keys());
  const left = new Set(arrays.keys());
  const asked = new Map<string, Set<string>>();
  /** The name of the array, undefined when there is none. */
  const search = (layer: string, names: readonly string[]): string | undefined => {
    for (const name of names) if (left.has(`${layer}/${name}`)) return `${layer}/${name}`;
    // Keras 3 numbers a layer's weights in some formats.
    const numbered = String(asked.get(layer)?.size ?? 0);
    for (const weight of [...names, numbered]) {
      const found = index.find(layer, weight).filter((name) => left.has(name));
      if (found.length > 1) {
        throw new FormatError(`${layer}/${weight}`, `may be '${found.slice(0, 3).join("', '")}'`);
      }
      if (found[0] !== undefined) return found[0];
    }
    return undefined;
  };
  return {
    take: (layer, names) => {
      const entry = search(layer, names);
      const own = asked.get(layer) ?? new Set();
      asked.set(layer, own.add(names[0] ?? ''));
      if (entry === undefined) throw new FormatError(`${layer}/${names[0] ?? ''}`, 'is missing');
      left.delete(entry);
      return checked(entry, arrays.get(entry) as Found);
    },
    finish: (layers) => {
      for (const name of left) {
        const { folders, weight } = parse(name);
        const layer = folders.at(-1) ?? '';
        const taken = asked.get(layer)?.has(weight) === true;
        if ('refused' in (arrays.get(name) as Found) || !layers.has(layer) || taken) continue;
        if (weightNames.has(weight)) throw new FormatError(name, 'is nothing that this model has');
      }
    },
  };
}

/** Whether some array is named after some layer. */
export function namesLayers(names: Iterable<string>, layers: ReadonlySet<string>): boolean {
  for (const name of names) {
    if (parse(name).folders.some((folder) => layers.has(folder))) return true;
  }
  return false;
}

/**
 * Gives the layers the arrays in their order; there must be as many.
 * @param ending - What names lack in errors about files: ".npy".
 */
export function byOrder(arrays: ReadonlyMap<string, Found>, ending = ''): Resolver {
  const left = Array.from(arrays).filter(([, array]) => !('refused' in array));
  // numpy.savez counts them.
  const place = (name: string): number => Number(/^arr_(\d{1,9})$/.exec(name)?.[1] ?? NaN);
  if (left.every(([name]) => place(name) >= 0)) left.sort(([a], [b]) => place(a) - place(b));
  let taken = 0;
  return {
    take: (layer, [name = '']) => {
      const next = left[taken];
      if (next === undefined) {
        const entry = ending === '' ? `${layer}/${name}` : `arr_${taken}`;
        throw new FormatError(entry, `is missing: the ${name} of '${layer}'`);
      }
      taken += 1;
      return checked(...next);
    },
    finish: () => {
      const [name] = left[taken] ?? [];
      if (name === undefined) return;
      throw new FormatError(`${name}${ending}`, 'is nothing that this model has');
    },
  };
}
