// A model outgrows the page: train it here, write it as ONNX, run it in ONNX Runtime.
//
//   npm run setup && node examples/onnx.mjs [file]
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import {
  Adam,
  BatchNormalization2D,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  exportOnnx,
  GlobalAveragePooling2D,
  init,
  Model,
  ReLU,
  Residual,
} from 'lamella';
import { loadMnist } from '../scripts/mnist.mjs';

await init();
const train = await loadMnist('train', 2000);
const test = await loadMnist('t10k', 500);

const convolution = () => [
  new Convolutional(16, 3, { padding: 'same' }),
  new BatchNormalization2D(),
];
const model = new Model(
  [
    new Convolutional(16, 3, { inputShape: [1, 28, 28], stride: 2 }),
    new ReLU(),
    new Residual([...convolution(), new ReLU(), ...convolution()]),
    new ReLU(),
    new GlobalAveragePooling2D(),
    new Dense(10),
  ],
  { loss: new CategoricalCrossEntropy(), optimizer: new Adam({ learningRate: 0.01 }) },
);
await model.train(train.x, train.y, { epochs: 1 });

const file = process.argv[2] ?? 'build/digits.onnx';
await mkdir(dirname(file), { recursive: true });
await writeFile(file, await exportOnnx(model));

// From here on, nothing of lamella: any ONNX runtime, in any language, would do.
env.wasm.numThreads = 1;
const session = await InferenceSession.create(await readFile(file));
const input = new Tensor('float32', test.x.toArray(), test.x.shape);
const { output } = await session.run({ input });

const ours = model.predict(test.x).toArray();
const differences = ours.map((value, i) => Math.abs(value - output.data[i]));
console.log('probabilities', output.dims, 'differ by at most', Math.max(...differences));
