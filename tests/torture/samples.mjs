// Sound files of every format that lamella reads, for others to damage.
import { zipSync } from 'fflate';
import {
  Adam,
  AveragePooling2D,
  BatchNormalization,
  BatchNormalization2D,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  Dropout,
  Flatten,
  GlobalAveragePooling2D,
  LayerNormalization,
  MaxPooling2D,
  Model,
  MSE,
  PReLU,
  ReLU,
  Reshape,
  Residual,
  saveCheckpoint,
  saveNpz,
  saveSafetensors,
  SGD,
  Softmax,
  tensor,
} from 'lamella';
import { Random } from './random.mjs';

const size = (shape) => shape.reduce((product, dim) => product * dim, 1);

/** Small models that have every kind of layer among them, as functions that make them afresh. */
const models = [
  () =>
    new Model(
      [new Dense(3, { inputSize: 2 }), new BatchNormalization(), new Dropout(), new Dense(1)],
      { loss: new MSE(), optimizer: new Adam() },
    ),
  () =>
    new Model(
      [
        new Convolutional(2, 3, { inputShape: [1, 6, 6], padding: 'same' }),
        new BatchNormalization2D(),
        new ReLU(),
        new MaxPooling2D(),
        new Residual([new Convolutional(2, 3, { padding: 'same' }), new PReLU()]),
        new AveragePooling2D(2, { stride: 1 }),
        new Flatten(),
        new Dense(2, { noBias: true }),
        new Softmax(),
      ],
      { loss: new CategoricalCrossEntropy(), optimizer: new SGD({ momentum: 0.9 }) },
    ),
  () =>
    new Model(
      [
        new Reshape([2, 2, 2], { inputShape: [8] }),
        new LayerNormalization(),
        new GlobalAveragePooling2D(),
      ],
      {
        loss: new MSE(),
        optimizer: new Adam(),
      },
    ),
];

/** A model after one step of training. */
export function sampleModel(which, random = new Random(1, which)) {
  const model = models[which % models.length]();
  const x = tensor(random.numbers(4 * size(model.inputShape)), [4, ...model.inputShape]);
  const [classes] = model.outputShape;
  const y = tensor(
    Float32Array.from({ length: 4 * classes }, (_, i) => Number(i % classes === 0)),
    [4, classes],
  );
  model.trainBatch(x, y);
  x.dispose();
  y.dispose();
  return model;
}

const keras = (type, config, extra) => ({ class_name: type, config, ...extra });

/** A Sequential model as Keras describes it, with the shapes of its weights. */
const sequential = {
  layers: [
    keras('InputLayer', { batch_input_shape: [null, 6, 6, 1], name: 'input' }),
    keras('Conv2D', {
      name: 'conv2d',
      filters: 2,
      kernel_size: [3, 3],
      strides: [1, 1],
      padding: 'same',
      activation: 'relu',
      use_bias: true,
      data_format: 'channels_last',
      dilation_rate: [1, 1],
      trainable: true,
    }),
    keras('BatchNormalization', {
      name: 'bn',
      axis: [3],
      epsilon: 0.001,
      momentum: 0.99,
      center: true,
      scale: true,
    }),
    keras('MaxPooling2D', { name: 'pool', pool_size: [2, 2], strides: [2, 2], padding: 'valid' }),
    keras('Flatten', { name: 'flatten' }),
    keras('Dropout', { name: 'dropout', rate: 0.5 }),
    keras('Dense', {
      name: 'dense',
      units: 3,
      activation: 'softmax',
      use_bias: true,
      trainable: false,
    }),
  ],
  weights: [
    ['conv2d/kernel', [3, 3, 1, 2]],
    ['conv2d/bias', [2]],
    ['bn/gamma', [2]],
    ['bn/beta', [2]],
    ['bn/moving_mean', [2]],
    ['bn/moving_variance', [2]],
    ['dense/kernel', [18, 3]],
    ['dense/bias', [3]],
  ],
};

/** The same as a functional model of two Dense layers. */
const node = (name) => [[[name, 0, 0, {}]]];
const functional = {
  layers: [
    keras(
      'InputLayer',
      { batch_input_shape: [null, 4], name: 'in' },
      { name: 'in', inbound_nodes: [] },
    ),
    keras(
      'Dense',
      { name: 'a', units: 3, activation: 'tanh' },
      { name: 'a', inbound_nodes: node('in') },
    ),
    keras(
      'Dense',
      { name: 'b', units: 2, activation: 'linear' },
      { name: 'b', inbound_nodes: node('a') },
    ),
  ],
  weights: [
    ['a/kernel', [4, 3]],
    ['a/bias', [3]],
    ['b/kernel', [3, 2]],
    ['b/bias', [2]],
  ],
};

const topologies = [
  { ...sequential, model: keras('Sequential', { name: 'model', layers: sequential.layers }) },
  {
    ...functional,
    model: keras('Functional', {
      name: 'model',
      layers: functional.layers,
      input_layers: [['in', 0, 0]],
      output_layers: [['b', 0, 0]],
    }),
  },
];

/** Positive, since some are variances. */
const weightsOf = (shape, i) =>
  Float32Array.from({ length: size(shape) }, (_, k) => 0.1 + ((k + i) % 7) / 10);

/** A layers model of TensorFlow.js: the text of model.json and its one shard. */
function tfjs({ model, weights }) {
  const json = {
    format: 'layers-model',
    modelTopology: {
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
      model_config: model,
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: weights.map(([name, shape], i) => ({
          name,
          shape,
          dtype: 'float32',
          ...(i === 0 && { quantization: { dtype: 'uint8', min: -1, scale: 0.01 } }),
        })),
      },
    ],
  };
  const parts = weights.map(([, shape], i) =>
    i === 0 ? Buffer.alloc(size(shape), 120) : Buffer.from(weightsOf(shape, i).buffer),
  );
  return { json, shard: new Uint8Array(Buffer.concat(parts)) };
}

/** An array as numpy saves it. */
export function npy(dtype, shape, data) {
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const text =
    `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`.padEnd(117) + '\n';
  const head = Buffer.from([
    0x93,
    ...Buffer.from('NUMPY'),
    1,
    0,
    text.length & 255,
    text.length >> 8,
  ]);
  return new Uint8Array(Buffer.concat([head, Buffer.from(text), data]));
}

/** A text as numpy saves it. */
export function npyText(text) {
  const codes = Uint32Array.from(text, (character) => character.codePointAt(0));
  return npy(`<U${codes.length}`, [], Buffer.from(codes.buffer));
}

function savez({ weights }) {
  const entries = weights.map(([, shape], i) => [
    `arr_${i}.npy`,
    npy('<f4', shape, Buffer.from(weightsOf(shape, i).buffer)),
  ]);
  return zipSync(Object.fromEntries(entries), { level: 0 });
}

/** All of them, by format. */
export async function sampleFiles() {
  const files = { npz: [], checkpoint: [], safetensors: [], tfjs: topologies.map(tfjs) };
  for (let i = 0; i < models.length; i++) {
    const model = sampleModel(i);
    files.npz.push(await saveNpz(model));
    files.checkpoint.push(await saveCheckpoint(model));
    files.safetensors.push(await saveSafetensors(model));
    model.dispose();
  }
  files.keras = topologies.map((each) => ({ json: each.model, weights: savez(each) }));
  return files;
}
