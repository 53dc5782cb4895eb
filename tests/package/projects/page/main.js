import { Adam, BinaryCrossEntropy, Dense, init, Model, Tanh } from 'lamella';

async function main() {
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
  return Array.from(model.predict(x).toArray(), Math.round).join();
}

main().then(
  (found) => (globalThis.document.title = `predicted ${found}`),
  (error) => (globalThis.document.title = `failed: ${error.message}`),
);
