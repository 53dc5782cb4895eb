/**
 * What every project does with the package: trains a layer until it has found
 * y = 2 a + 3 b + 1, and tells what it predicts for a = b = 2, which is 11.
 */
export async function check(lamella, options) {
  const { Dense, init, Model, MSE, SGD, tensor } = lamella;
  const { variant, threads, reason } = await init(options);
  const model = new Model([new Dense(1, { inputSize: 2 })], {
    loss: new MSE(),
    optimizer: new SGD({ learningRate: 0.1, momentum: 0.9, weightDecay: 0 }),
    seed: 1,
  });
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const y = tensor([[1], [4], [3], [6]]);
  await model.train(x, y, { epochs: 400, batchSize: 4 });
  const [prediction] = model.predict(tensor([[2, 2]])).toArray();
  return { prediction, variant, threads, reason };
}
