import { FormatError } from '../../runtime/errors.js';
import type { FileArray } from '../file-array.js';
import type { KerasWeights } from './layer.js';

/** An array of a file, or the reason why it cannot be a weight. */
export type Found = FileArray | { readonly refused: string };

/** The arrays of a file, as layers take them. */
export interface Weights extends KerasWeights {
  /** Throws for an array that one of the layers should have asked for. */
  finish(): void;
}

/** `sequential/dense/kernel_1:0` as its folders and the weight: `kernel`. */
function parse(name: string): { folders: string[]; weight: string } {
  const folders = name.replace(/:\d{1,9}$/, '').split('/');
  return { folders, weight: (folders.pop() ?? '').replace(/_\d{1,9}$/, '') };
}

function checked(entry: string, array: Found): { entry: string; array: FileArray } {
  if ('refused' in array) throw new FormatError(entry, array.refused);
  return { entry, array };
}

/** Gives each layer the arrays that are named after it; the others are nobody's. */
function byName(left: Map<string, Found>): Weights {
  /** Names by each folder on the way to a weight, and that: `dense/kernel`. */
  const index = new Map<string, string[]>();
  for (const name of left.keys()) {
    const { folders, weight } = parse(name);
    for (const folder of new Set(folders)) {
      const key = `${folder}/${weight}`;
      const names = index.get(key);
      if (names) names.push(name);
      else index.set(key, [name]);
    }
  }
  /** How many arrays each layer has taken. */
  const taken = new Map<string, number>();
  /** The array's name: in full, or else the only one, first of those in the layer's own folder. */
  const search = (layer: string, names: readonly string[]): string | undefined => {
    const full = names.map((name) => `${layer}/${name}`).find((name) => left.has(name));
    if (full !== undefined) return full;
    // Keras 3 numbers a layer's weights in some formats.
    for (const weight of [...names, String(taken.get(layer) ?? 0)]) {
      const all = index.get(`${layer}/${weight}`)?.filter((name) => left.has(name)) ?? [];
      const own = all.filter((name) => parse(name).folders.at(-1) === layer);
      const found = own.length > 0 ? own : all;
      if (found.length > 1) {
        const some = found.slice(0, 2).join("' or '");
        throw new FormatError(`${layer}/${weight}`, `may be '${some}'`);
      }
      if (found.length === 1) return found[0];
    }
    return undefined;
  };
  return {
    take: (layer, names) => {
      const entry = search(layer, names);
      if (entry === undefined) throw new FormatError(`${layer}/${names[0] ?? ''}`, 'is missing');
      taken.set(layer, (taken.get(layer) ?? 0) + 1);
      const array = left.get(entry) as Found;
      left.delete(entry);
      return checked(entry, array);
    },
    finish: () => {
      for (const [name, array] of left) {
        const { folders, weight } = parse(name);
        // A layer without biases, say, that has some. Others are an optimizer's.
        const isOwn = folders.length === 1 && taken.has(folders[0] ?? '');
        if (isOwn && !('refused' in array) && /^(kernel|bias|gamma|beta)$/.test(weight)) {
          throw new FormatError(name, 'is nothing that this model has');
        }
      }
    },
  };
}

/** Gives the layers the arrays in their order; there must be as many. */
function byOrder(arrays: ReadonlyMap<string, Found>, ending: string): Weights {
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

/**
 * The arrays of a file for some layers: by their names, or, where none is named after a layer, by
 * their order.
 * @param ending - Of the names of files, where the arrays are files: ".npy".
 */
export function weightsFor(
  layers: readonly { readonly name: string }[],
  arrays: ReadonlyMap<string, Found>,
  ending = '',
): Weights {
  const names = new Set(layers.map(({ name }) => name));
  for (const name of arrays.keys()) {
    if (parse(name).folders.some((folder) => names.has(folder))) return byName(new Map(arrays));
  }
  return byOrder(arrays, ending);
}
