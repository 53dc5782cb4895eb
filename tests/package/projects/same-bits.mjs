/**
 * Trains a network of every kind of layer that draws, sums or rounds, in variant `simd`.
 * @returns The SHA-256 of its weights and running means, in hexadecimal.
 */
export async function trainedWeights(lamella) {
  const { Adam, BatchNormalization2D, CategoricalCrossEntropy, Convolutional, Dense } = lamella;
  const { Dropout, Flatten, GELU, init, MaxPooling2D, Model, oneHot, Tanh, tensor } = lamella;
  await init({ variant: 'simd' });
  const model = new Model(
    [
      new Convolutional(8, 3, { inputShape: [3, 14, 14], padding: 'same' }),
      new BatchNormalization2D(),
      new GELU(),
      new MaxPooling2D(2),
      new Flatten(),
      new Dropout(0.3),
      new Dense(33),
      new Tanh(),
      new Dense(10),
    ],
    { loss: new CategoricalCrossEntropy(), optimizer: new Adam(), seed: 42 },
  );
  const samples = 70;
  const x = Float32Array.from({ length: samples * 588 }, (_, i) => ((i * 7919) % 1013) / 1013);
  const labels = Array.from({ length: samples }, (_, i) => (i * 7) % 10);
  await model.train(tensor(x, [samples, 3, 14, 14]), oneHot(labels, 10), {
    epochs: 3,
    batchSize: 32,
  });
  const numbers = model.layers.flatMap(({ params, state }) => [
    ...Object.values(params).map(({ value }) => value.toArray()),
    ...Object.values(state).map((value) => value.toArray()),
  ]);
  const all = Float32Array.from(numbers.flatMap((each) => [...each]));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', all));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
