// Prints how many digits a second Node trains the page's cnn on, as the page's worker does: one
// pass over 10,000 digits in batches of 64, gathered from bytes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Adam, CategoricalCrossEntropy, init, layerFromConfig, Model, zeros } from 'lamella';

const folder = join(import.meta.dirname, '../../data/mnist');
const images = readFileSync(join(folder, 'train-images-idx3-ubyte')).subarray(16);
const labels = readFileSync(join(folder, 'train-labels-idx1-ubyte')).subarray(8);
const samples = 10_000;
const batch = 64;

await init();
const model = new Model(JSON.parse(process.argv[2]).map(layerFromConfig), {
  loss: new CategoricalCrossEntropy(),
  optimizer: new Adam({ learningRate: 0.002 }),
  inputShape: [1, 28, 28],
});
const x = zeros([batch, 1, 28, 28]);
const y = zeros([batch, 10]);
const start = performance.now();
for (let first = 0; first + batch <= samples; first += batch) {
  const pixels = x.view();
  const classes = y.view().fill(0);
  for (let i = 0; i < pixels.length; i++) pixels[i] = images[first * 784 + i] / 255;
  for (let i = 0; i < batch; i++) classes[i * 10 + labels[first + i]] = 1;
  model.trainBatch(x, y);
}
console.log((Math.floor(samples / batch) * batch * 1000) / (performance.now() - start));
