// Cuts the data sets into the files that the page downloads.
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { DatasetInfo, PartInfo } from './src/types.js';

const pixels = 28 * 28;

interface Source {
  readonly id: string;
  readonly title: string;
  readonly noun: DatasetInfo['noun'];
  readonly classes: readonly string[];
  /** Where the four IDX files may be, plain or with `.gz`. */
  readonly folders: readonly string[];
}

interface Digits {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** Which rows go into the file of a part: the page loads `small` first, the rest on request. */
const cuts: Record<keyof DatasetInfo['parts'], { set: string; keep: (row: number) => boolean }> = {
  trainSmall: { set: 'train', keep: (row) => row < 10_000 },
  trainRest: { set: 'train', keep: (row) => row >= 10_000 },
  // Every fifth: the first half of MNIST's test digits is easier than the second.
  testSmall: { set: 't10k', keep: (row) => row % 5 === 0 },
  testRest: { set: 't10k', keep: (row) => row % 5 !== 0 },
};

async function readIdx(folder: string, name: string): Promise<Uint8Array> {
  const plain = join(folder, name);
  return existsSync(plain) ? readFile(plain) : gunzipSync(await readFile(`${plain}.gz`));
}

async function readDigits(folder: string, set: string): Promise<Digits> {
  // IDX headers: 16 bytes before the images, 8 before the labels.
  return {
    images: (await readIdx(folder, `${set}-images-idx3-ubyte`)).subarray(16),
    labels: (await readIdx(folder, `${set}-labels-idx1-ubyte`)).subarray(8),
  };
}

/** One file: the labels of all rows, then their images, gzipped. */
function packRows({ images, labels }: Digits, keep: (row: number) => boolean): Uint8Array {
  const rows = Array.from(labels.keys()).filter(keep);
  const bytes = new Uint8Array(rows.length * (1 + pixels));
  rows.forEach((row, i) => {
    bytes[i] = labels[row] ?? 0;
    bytes.set(images.subarray(row * pixels, (row + 1) * pixels), rows.length + i * pixels);
  });
  return gzipSync(bytes);
}

async function writeDataset(source: Source, folder: string, target: string): Promise<DatasetInfo> {
  const loaded = new Map<string, Digits>();
  const parts: Partial<Record<keyof DatasetInfo['parts'], PartInfo>> = {};
  for (const [part, { set, keep }] of Object.entries(cuts)) {
    const path = `${source.id}/${part}.bin`;
    const file = join(target, path);
    if (!existsSync(file)) {
      const digits = loaded.get(set) ?? (await readDigits(folder, set));
      loaded.set(set, digits);
      await mkdir(join(target, source.id), { recursive: true });
      await writeFile(file, packRows(digits, keep));
    }
    parts[part as keyof DatasetInfo['parts']] = { path, bytes: (await stat(file)).size };
  }
  const { id, title, noun, classes } = source;
  return { id, title, noun, classes, parts: parts as DatasetInfo['parts'] };
}

/**
 * Writes the files of every data set that this machine has, unless they are
 * there already, and says where the page finds them.
 *
 * @param data - The folder that set-up fills.
 * @param target - The folder that is served.
 */
export async function writeDataFiles(data: string, target: string): Promise<DatasetInfo[]> {
  const sources: Source[] = [
    {
      id: 'mnist',
      title: 'MNIST digits',
      noun: 'digit',
      classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
      folders: [join(data, 'mnist')],
    },
    {
      id: 'fashion',
      title: 'Fashion-MNIST',
      noun: 'garment',
      classes: [
        'T-shirt',
        'Trousers',
        'Pullover',
        'Dress',
        'Coat',
        'Sandal',
        'Shirt',
        'Sneaker',
        'Bag',
        'Boot',
      ],
      folders: [join(data, 'fashion-mnist'), '/usr/share/datasets/fashion-mnist'],
    },
  ];
  const datasets: DatasetInfo[] = [];
  for (const source of sources) {
    const folder = source.folders.find((candidate) => existsSync(candidate));
    if (folder !== undefined) datasets.push(await writeDataset(source, folder, target));
  }
  if (datasets[0]?.id !== 'mnist') {
    throw new Error('demo: data/mnist is missing; run: npm run setup');
  }
  return datasets;
}
