import { Adam, BinaryCrossEntropy, Dense, init, Model, Tanh } from 'lamella';
import { createWorkerClient, type RemoteModel } from 'lamella/worker';

await init();
const x = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const y = [[0], [1], [1], [0]];

function check(predicted: Float32Array): void {
  const found = Array.from(predicted, Math.round).join();
  if (found !== '0,1,1,0') throw new Error(`predicted ${found}`);
}

const model = new Model([new Dense(8, { inputSize: 2 }), new Tanh(), new Dense(1)], {
  loss: new BinaryCrossEntropy(),
  optimizer: new Adam({ learningRate: 0.05 }),
});
await model.train(x, y, { epochs: 200 });
check(model.predict(x).toArray());

const client = await createWorkerClient();
const remote: RemoteModel = await client.model(
  [
    { type: 'Dense', outputSize: 8, inputSize: 2 },
    { type: 'Tanh' },
    { type: 'Dense', outputSize: 1 },
  ],
  { loss: { type: 'BinaryCrossEntropy' }, optimizer: { type: 'Adam', learningRate: 0.05 } },
);
await remote.train(x, y, { epochs: 200 });
check((await remote.predict(x)).data);
// @ts-expect-error -- types are really there: such an option does not exist
void client.model([{ type: 'Tanh', alpha: 1 }]).catch(() => client.dispose());
