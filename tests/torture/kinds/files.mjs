// Files that are damaged and grown: a typed error, or a model that works; in a time and in memory of
// the file's size.
import { unzipSync, zipSync } from 'fflate';
import {
  init,
  loadCheckpoint,
  loadKeras,
  loadLayersModel,
  loadNpz,
  loadSafetensors,
  readSafetensors,
  saveCheckpoint,
  zeros,
} from 'lamella';
import { makeCanaries } from '../canaries.mjs';
import { jsonText, mutateBytes, mutateJson } from '../mutate.mjs';
import { checkError, heapBytes } from '../outcome.mjs';
import { npyText, sampleFiles, sampleModel } from '../samples.mjs';

const largestHeap = 128 * 2 ** 20;
const longestMs = 5000;

/** The text in an .npy array, where it holds one. */
function textOf(entry) {
  const header = Buffer.from(entry.subarray(10, 138)).toString('latin1');
  if (!header.includes("'<U")) return undefined;
  return Buffer.from(entry.slice(10 + (entry[8] | (entry[9] << 8))).buffer)
    .toString('utf16le')
    .replaceAll('\0', '');
}

/** An archive with one entry changed, and check sums that are right again. */
function mutateArchive(archive, random) {
  const entries = unzipSync(archive);
  const names = Object.keys(entries);
  const name = random.pick(names);
  const text = textOf(entries[name]);
  const others = random.integer(0, 9);
  if (others === 0) delete entries[name];
  else if (others === 1) entries[random.pick(names)] = entries[name];
  // A bomb: what it unpacks to is a thousand times its size.
  else if (others === 3 && random.chance(0.02))
    entries[name] = new Uint8Array(random.integer(2 ** 20, 2 ** 24));
  else if (others === 2)
    entries[`${random.pick(['x', '../', 'layer_9_', ''])}${name}`] = entries[name];
  else if (text !== undefined && random.chance(0.9))
    entries[name] = npyText(jsonText(mutateJson(JSON.parse(text), random), random));
  else entries[name] = mutateBytes(entries[name], random, entries[random.pick(names)]);
  return zipSync(entries, { level: random.pick([0, 6]) });
}

/** The text entries of an archive alone, which reach deepest. */
function mutateTexts(archive, random) {
  const entries = unzipSync(archive);
  const texts = Object.entries(entries).flatMap(([name, entry]) => {
    const text = textOf(entry);
    return text === undefined ? [] : [[name, text]];
  });
  if (texts.length === 0) return mutateArchive(archive, random);
  const [name, text] = random.pick(texts);
  entries[name] = npyText(jsonText(mutateJson(JSON.parse(text), random), random));
  return zipSync(entries, { level: 0 });
}

const mutateZip = (archive, random, other) =>
  random.pick([mutateBytes, mutateArchive, mutateTexts, mutateTexts])(archive, random, other);

function mutateSafetensors(bytes, random, other) {
  if (random.chance(0.4)) return mutateBytes(bytes, random, other);
  const length = Number(Buffer.from(bytes.buffer).readBigUInt64LE(0));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString());
  const text = Buffer.from(jsonText(mutateJson(header, random), random));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return new Uint8Array(Buffer.concat([size, text, bytes.subarray(8 + length)]));
}

/** A model that was loaded predicts and can be saved, where it is of a size for that. */
async function useModel(model, random) {
  const sizes = model.layerTable().map(({ outputShape }) => outputShape.reduce((a, b) => a * b, 1));
  const inputs = model.inputShape.reduce((a, b) => a * b, 1);
  if (Math.max(inputs, ...sizes) < 1e5) {
    const x = zeros([1, ...model.inputShape]);
    try {
      model.predict(x).dispose();
    } finally {
      x.dispose();
    }
  }
  if (!random.chance(0.1)) return;
  const again = await loadCheckpoint(await saveCheckpoint(model));
  again.dispose();
}

export async function prepare() {
  await init({ variant: 'simd' });
  const files = await sampleFiles();
  const targets = [0, 1, 2].map((i) => sampleModel(i));
  const checkCanaries = makeCanaries();
  const start = heapBytes();

  const readers = {
    loadNpz: (random) =>
      loadNpz(mutateZip(random.pick(files.npz), random, random.pick(files.checkpoint))),
    loadCheckpoint: (random) =>
      loadCheckpoint(mutateZip(random.pick(files.checkpoint), random, random.pick(files.npz))),
    loadSafetensors: async (random) => {
      const which = random.integer(0, targets.length - 1);
      const other = random.pick(files.safetensors);
      await loadSafetensors(
        targets[which],
        mutateSafetensors(files.safetensors[which], random, other),
      );
    },
    readSafetensors: async (random) => {
      const bytes = mutateSafetensors(random.pick(files.safetensors), random, files.npz[0]);
      await readSafetensors(bytes, { toFloat32: random.chance(0.5) });
    },
    loadLayersModel: (random) => {
      const { json, shard } = random.pick(files.tfjs);
      if (random.chance(0.15)) {
        return loadLayersModel(JSON.stringify(json), [mutateBytes(shard, random)]);
      }
      return loadLayersModel(jsonText(mutateJson(json, random), random), [shard]);
    },
    loadKeras: (random) => {
      const { json, weights } = random.pick(files.keras);
      if (random.chance(0.3))
        return loadKeras(JSON.stringify(json), mutateZip(weights, random, files.npz[0]));
      return loadKeras(jsonText(mutateJson(json, random), random), weights);
    },
  };
  const names = Object.keys(readers);

  return async (random, index) => {
    const name = names[index % names.length];
    const begin = performance.now();
    try {
      const model = await readers[name](random);
      if (model) {
        try {
          await useModel(model, random);
        } finally {
          model.dispose();
        }
      }
    } catch (error) {
      checkError(error, name);
    }
    checkCanaries();
    const ms = performance.now() - begin;
    if (ms > longestMs) throw new Error(`${name}: took ${Math.round(ms)} ms`);
    if (index % 64 < 2 && heapBytes() > start + largestHeap) {
      throw Object.assign(new Error(`${name}: the heap grew to ${heapBytes()} bytes`), {
        fatal: true,
      });
    }
  };
}
