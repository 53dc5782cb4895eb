// MNIST from data/mnist, as set-up leaves it there.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { oneHot, tensor } from 'lamella';

const folder = join(import.meta.dirname, '../data/mnist');
const pixels = 28 * 28;

/**
 * The first `count` digits of 'train' (60,000) or 't10k' (10,000): images x
 * [count, 1, 28, 28] with values from 0 to 1, and labels y [count, 10].
 */
export async function loadMnist(part, count = Infinity) {
  // IDX headers: 16 bytes before the images, 8 before the labels.
  const images = (await readFile(join(folder, `${part}-images-idx3-ubyte`))).subarray(16);
  const labels = (await readFile(join(folder, `${part}-labels-idx1-ubyte`))).subarray(8);
  const rows = Math.min(count, labels.length);
  const x = Float32Array.from(images.subarray(0, rows * pixels), (value) => value / 255);
  return { x: tensor(x, [rows, 1, 28, 28]), y: oneHot(labels.subarray(0, rows), 10) };
}
