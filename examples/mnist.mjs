// Handwritten digits: a small convolutional network, on 10,000 of MNIST's 60,000.
//
//   npm run setup && node examples/mnist.mjs
import {
  Adam,
  CategoricalCrossEntropy,
  confusionMatrix,
  Convolutional,
  CosineDecay,
  Dense,
  Flatten,
  init,
  MaxPooling2D,
  Model,
  ReLU,
} from 'lamella';
// Reads the files that set-up puts in data/mnist: images [n, 1, 28, 28] with numbers from 0 to 1,
// and labels [n, 10] with a one at the digit.
import { loadMnist } from '../scripts/mnist.mjs';

await init();
const train = await loadMnist('train', 10_000);
const test = await loadMnist('t10k', 2000);

const model = new Model(
  [
    new Convolutional(8, 3, { inputShape: [1, 28, 28], padding: 'same' }),
    new ReLU(),
    new MaxPooling2D(2), // 28x28 to 14x14
    new Convolutional(16, 3, { padding: 'same' }),
    new ReLU(),
    new MaxPooling2D(2), // to 7x7
    new Flatten(),
    new Dense(10), // one number a digit; the loss turns them into probabilities
  ],
  { loss: new CategoricalCrossEntropy(), optimizer: new Adam(), seed: 7 },
);
console.log(model.summary());

const epochs = 2;
const batchSize = 64;
await model.train(train.x, train.y, {
  epochs,
  batchSize,
  // Large steps first, small ones at the end.
  schedule: new CosineDecay({
    initial: 0.004,
    steps: epochs * Math.ceil(train.x.shape[0] / batchSize),
  }),
  validationData: test,
  onEpoch: ({ epoch, loss, validationAccuracy }) => {
    console.log(`epoch ${epoch}: loss ${loss.toFixed(3)}, test accuracy ${validationAccuracy}`);
  },
});

// Rows are what a digit is, columns what it was taken for.
const confused = confusionMatrix(model.predict(test.x), test.y);
console.log('taken for  ', [...confused.keys()].join('    '));
confused.forEach((row, digit) => {
  console.log(`${digit}:`, row.map((count) => String(count).padStart(4)).join(' '));
});
