// Training that survives its process: stop it whenever you like (Ctrl-C, a power cut), start it
// again, and it ends with the very weights of a run that was never stopped.
//
//   npm run setup && node examples/resume.mjs [folder]
import { createHash } from 'node:crypto';
import {
  Adam,
  BatchNormalization,
  CategoricalCrossEntropy,
  Dense,
  Dropout,
  fileStore,
  Flatten,
  init,
  loadCheckpoint,
  Model,
  ReLU,
  saveCheckpoint,
} from 'lamella';
import { loadMnist } from '../scripts/mnist.mjs';

const epochs = 6;
await init();
const { x, y } = await loadMnist('train', 4000);

// Writing is atomic: whatever happens, the file is the whole old checkpoint or the whole new one.
// In a browser, indexedDbStore() does the same.
const store = fileStore(process.argv[2] ?? 'build/resume');
const saved = await store.load('digits');
console.log(saved ? 'going on from the checkpoint' : 'beginning');

// A checkpoint holds everything that the rest of training depends on: weights, running means, the
// optimizer's moments, and where the random numbers of shuffling and dropout have come to.
const model = saved
  ? await loadCheckpoint(saved)
  : new Model(
      [
        new Flatten({ inputShape: [1, 28, 28] }),
        new Dense(64),
        new BatchNormalization(),
        new ReLU(),
        new Dropout(0.3),
        new Dense(10),
      ],
      { loss: new CategoricalCrossEntropy(), optimizer: new Adam(), seed: 5 },
    );

while (model.epochs < epochs) {
  const [{ loss }] = await model.train(x, y);
  await store.save('digits', await saveCheckpoint(model));
  console.log(`epoch ${model.epochs}: loss ${loss.toFixed(3)}`);
}
await store.remove('digits');

const sha = createHash('sha256');
for (const layer of model.layers) {
  for (const { value } of Object.values(layer.params)) sha.update(value.toArray());
}
console.log('weights', sha.digest('hex'));
