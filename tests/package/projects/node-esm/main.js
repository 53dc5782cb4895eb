import assert from 'node:assert/strict';
import { Adam, BinaryCrossEntropy, Dense, init, Model, Tanh } from 'lamella';

await init();
const x = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const y = [[0], [1], [1], [0]];
const model = new Model([new Dense(8, { inputSize: 2 }), new Tanh(), new Dense(1)], {
  loss: new BinaryCrossEntropy(),
  optimizer: new Adam({ learningRate: 0.05 }),
});
await model.train(x, y, { epochs: 200 });
assert.deepEqual(Array.from(model.predict(x).toArray(), Math.round), [0, 1, 1, 0]);
