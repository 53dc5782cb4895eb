import { createWorkerClient } from 'lamella/worker';

async function main() {
  const client = await createWorkerClient();
  const x = new Float32Array([0, 0, 0, 1, 1, 0, 1, 1]);
  const model = await client.model(
    [
      { type: 'Dense', outputSize: 8, inputSize: 2 },
      { type: 'Tanh' },
      { type: 'Dense', outputSize: 1 },
    ],
    { loss: { type: 'BinaryCrossEntropy' }, optimizer: { type: 'Adam', learningRate: 0.05 } },
  );
  await model.train(x, new Float32Array([0, 1, 1, 0]), { epochs: 200, copy: true });
  const { data } = await model.predict(x);
  client.dispose();
  return Array.from(data, Math.round).join();
}

main().then(
  (found) => (globalThis.document.title = `predicted ${found}`),
  (error) => (globalThis.document.title = `failed: ${error.message}`),
);
