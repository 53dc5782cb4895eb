// Exported models: onnxruntime-web predicts what we predict, and ONNX's own checker accepts them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  AveragePooling2D,
  BatchNormalization,
  BatchNormalization2D,
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  Dropout,
  exportOnnx,
  Flatten,
  GELU,
  GlobalAveragePooling2D,
  init,
  Layer,
  LayerNormalization,
  LeakyReLU,
  Loss,
  MaxPooling2D,
  Model,
  type ModelOptions,
  MSE,
  PReLU,
  ReLU,
  Reshape,
  Residual,
  type Shape,
  Sigmoid,
  Softmax,
  SparseCategoricalCrossEntropy,
  Swish,
  Tanh,
  type Tensor,
  tensor,
  UnsupportedError,
  zeros,
} from 'lamella';
import { env, InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-web';
import { expectRejection, layerCases as everyLayer, numbers, values } from '../support.js';

let folder: string;
beforeAll(async () => {
  await init();
  // Threads would outlive the tests.
  env.wasm.numThreads = 1;
  folder = mkdtempSync(join(tmpdir(), 'lamella-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Samples with numbers from -3 to 3, where activations bend. */
function samples(count: number, shape: Shape): Tensor {
  const size = shape.reduce((product, dim) => product * dim, count);
  return tensor(
    numbers(size, 5).map((number) => 3 * number),
    [count, ...shape],
  );
}

/** Gives parameters and states that are 0 or 1 at first other values; variances stay positive. */
function disturb(layers: readonly Layer[]): void {
  for (const layer of layers) {
    for (const [name, { value }] of Object.entries(layer.params)) {
      if (/biases|gamma|beta/.test(name)) value.set(numbers(value.size, 3));
    }
    for (const value of Object.values(layer.state)) {
      value.set(numbers(value.size, 4).map((number) => 1 + number / 2));
    }
  }
}

async function expectSamePredictions(model: Model, bytes: Uint8Array): Promise<void> {
  const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  for (const count of [1, 5]) {
    const x = samples(count, model.inputShape);
    const ours = model.predict(x);
    const feeds = { input: new OnnxTensor('float32', x.toArray(), x.shape) };
    const { output } = await session.run(feeds);
    expect(output?.dims).toEqual(ours.shape);
    const theirs = output?.data as Float32Array;
    const worst = Math.max(...values(ours).map((v, i) => Math.abs(v - (theirs[i] as number))));
    expect(worst).toBeLessThan(1e-4);
  }
  await session.release();
}

const image = [4, 9, 8];
const vector = [6];
const sequence = [5, 6];

type Case = [name: string, layers: () => Layer[], inputShape: Shape, options?: () => ModelOptions];

const layerCases: Case[] = [
  ['Dense', () => [new Dense(4)], vector],
  ['Dense without biases', () => [new Dense(4, { noBias: true })], vector],
  ['Dense on sequences', () => [new Dense(4)], sequence],
  ['Dense on sequences without biases', () => [new Dense(4, { noBias: true })], sequence],
  ['Dense on images', () => [new Dense(5)], image],
  ['Dense along rows', () => [new Dense(5, { axis: -2 })], image],
  ['Convolutional', () => [new Convolutional(5, 3)], image],
  ['no biases', () => [new Convolutional(5, 3, { noBias: true })], image],
  ['padding in numbers', () => [new Convolutional(5, 3, { padding: 2 })], image],
  ["padding 'same'", () => [new Convolutional(5, 3, { padding: 'same' })], image],
  ['an even kernel', () => [new Convolutional(5, 4, { padding: 'same' })], image],
  [
    'stride and dilation',
    () => [new Convolutional(5, 2, { padding: 'same', stride: 2, dilation: 3 })],
    image,
  ],
  [
    'another window on each axis',
    () => [new Convolutional(5, [1, 4], { stride: [2, 1], dilation: [1, 2], padding: [0, 3] })],
    image,
  ],
  [
    'padding for each side',
    () => [
      new Convolutional(6, [3, 2], {
        groups: 2,
        stride: [1, 2],
        padding: [
          [0, 2],
          [3, 1],
        ],
      }),
    ],
    image,
  ],
  [
    "padding 'same-upper'",
    () => [new Convolutional(5, [3, 2], { padding: 'same-upper', stride: [2, 3] })],
    image,
  ],
  ['groups', () => [new Convolutional(6, 3, { groups: 2 })], image],
  ['depthwise', () => [new Convolutional(4, 3, { groups: 4, padding: 1 })], image],
  ['BatchNormalization', () => [new BatchNormalization({ epsilon: 0.1 })], vector],
  ['BatchNormalization2D', () => [new BatchNormalization2D({ epsilon: 0.1 })], image],
  ['LayerNormalization', () => [new LayerNormalization({ epsilon: 0.1 })], vector],
  ['LayerNormalization of images', () => [new LayerNormalization()], image],
  ['LayerNormalization of each step', () => [new LayerNormalization({ axis: -1 })], sequence],
  ['LayerNormalization of each pixel', () => [new LayerNormalization({ axis: 0 })], image],
  ['Dropout', () => [new Dropout(0.9)], vector],
  ['MaxPooling2D', () => [new MaxPooling2D(3, { stride: 2 })], image],
  ['AveragePooling2D', () => [new AveragePooling2D(2, { stride: 3 })], image],
  [
    'a rectangular pool with padding',
    () => [
      new MaxPooling2D([3, 2], {
        stride: [1, 2],
        padding: [
          [2, 0],
          [1, 1],
        ],
      }),
    ],
    image,
  ],
  ["a pool 'same-upper'", () => [new MaxPooling2D(3, { padding: 'same-upper', stride: 2 })], image],
  [
    'means without padding',
    () => [new AveragePooling2D([2, 3], { padding: [1, 2], stride: 1 })],
    image,
  ],
  [
    'means with padding',
    () => [new AveragePooling2D(3, { padding: 'same', stride: [2, 1], countIncludePad: true })],
    image,
  ],
  ['GlobalAveragePooling2D', () => [new GlobalAveragePooling2D()], image],
  ['Flatten', () => [new Flatten()], image],
  ['Reshape', () => [new Reshape([8, 36])], image],
  ['ReLU', () => [new ReLU()], vector],
  ['LeakyReLU', () => [new LeakyReLU({ alpha: 0.3 })], vector],
  ['PReLU', () => [new PReLU({ alpha: -0.2 })], vector],
  ['GELU', () => [new GELU()], vector],
  ['Sigmoid', () => [new Sigmoid()], vector],
  ['Tanh', () => [new Tanh()], vector],
  ['Swish', () => [new Swish()], vector],
  ['Softmax', () => [new Softmax()], vector],
  ['Softmax with temperature', () => [new Softmax({ temperature: 0.4 })], vector],
  ['Softmax over channels', () => [new Softmax()], image],
  ['Softmax of each step', () => [new Softmax()], sequence],
  ['Softmax over steps', () => [new Softmax({ axis: 0 })], sequence],
  [
    'Residual',
    () => [
      new Residual(
        [
          new Convolutional(4, 3, { padding: 'same' }),
          new Residual([new Convolutional(4, 1), new BatchNormalization2D(), new ReLU()]),
        ],
        { shortcut: [new Convolutional(4, 1), new Dropout()] },
      ),
    ],
    image,
  ],
];

const lossCases: Case[] = [
  ['MSE', () => [new Dense(3)], vector, () => ({ loss: new MSE() })],
  ['BinaryCrossEntropy', () => [new Dense(3)], vector, () => ({ loss: new BinaryCrossEntropy() })],
  [
    'BinaryCrossEntropy after Sigmoid',
    () => [new Dense(3), new Sigmoid()],
    vector,
    () => ({ loss: new BinaryCrossEntropy() }),
  ],
  [
    'CategoricalCrossEntropy',
    () => [new Dense(3)],
    vector,
    () => ({ loss: new CategoricalCrossEntropy({ temperature: 2 }) }),
  ],
  [
    'CategoricalCrossEntropy after Softmax',
    () => [new Dense(3), new Softmax({ temperature: 2 })],
    vector,
    () => ({ loss: new CategoricalCrossEntropy({ temperature: 2 }) }),
  ],
  [
    'SparseCategoricalCrossEntropy',
    () => [new Dense(3)],
    vector,
    () => ({ loss: new SparseCategoricalCrossEntropy() }),
  ],
];

const sequenceLossCases: Case[] = [
  [
    'SparseCategoricalCrossEntropy of sequences',
    () => [new Dense(3)],
    sequence,
    () => ({ loss: new SparseCategoricalCrossEntropy() }),
  ],
  [
    'CategoricalCrossEntropy of sequences over steps',
    () => [new Dense(3)],
    sequence,
    () => ({ loss: new CategoricalCrossEntropy({ axis: -2 }) }),
  ],
  [
    'SparseCategoricalCrossEntropy of images after Softmax',
    () => [new Convolutional(3, 1), new Softmax({ axis: -3 })],
    image,
    () => ({ loss: new SparseCategoricalCrossEntropy() }),
  ],
];

const block = (depth: number, stride: number): Layer[] => [
  new Residual(
    [
      new Convolutional(depth, 3, { padding: 'same', stride, noBias: true }),
      new BatchNormalization2D(),
      new ReLU(),
      new Convolutional(depth, 3, { padding: 'same', groups: depth, dilation: 2 }),
      new BatchNormalization2D(),
    ],
    { shortcut: [new Convolutional(depth, 1, { stride })] },
  ),
  new ReLU(),
];

const wholeCases: Case[] = [
  [
    'mlp',
    () => [new Flatten(), new Dense(32), new BatchNormalization(), new ReLU(), new Dense(10)],
    [1, 28, 28],
    () => ({ loss: new CategoricalCrossEntropy() }),
  ],
  [
    'cnn',
    () => [
      new Convolutional(8, 3, { padding: 'same' }),
      new ReLU(),
      new MaxPooling2D(2),
      new Convolutional(16, 3, { padding: 'same' }),
      new Swish(),
      new AveragePooling2D(2),
      new Flatten(),
      new Dropout(),
      new Dense(10),
      new Softmax(),
    ],
    [1, 28, 28],
  ],
  [
    'resnet',
    () => [
      new Convolutional(8, 3, { padding: 'same' }),
      ...block(16, 2),
      ...block(16, 1),
      new GlobalAveragePooling2D(),
      new Dense(10),
    ],
    [3, 16, 16],
    () => ({ loss: new SparseCategoricalCrossEntropy() }),
  ],
];

const cases = [...layerCases, ...lossCases, ...sequenceLossCases, ...wholeCases];

function make([, layers, inputShape, options]: Case): Model {
  const model = new Model(layers(), { ...options?.(), inputShape });
  disturb(model.layers);
  return model;
}

describe.each(cases)('%s', (...each) => {
  test('predicts the same in onnxruntime-web', async () => {
    const model = make(each);
    await expectSamePredictions(model, await exportOnnx(model));
  });
});

test('the ONNX checker accepts every one, with the shapes that we say', async () => {
  const writing = cases.map(async (each, i) => {
    const model = make(each);
    const file = join(folder, `${i}.onnx`);
    writeFileSync(file, await exportOnnx(model));
    return { file, shapes: [model.inputShape, model.outputShape] };
  });
  const files = await Promise.all(writing);
  // The graph's declared output must follow from its operators.
  const script = `
import json, sys, onnx
def shape(port):
    return [dim.dim_param or dim.dim_value for dim in port.type.tensor_type.shape.dim]
found = []
for file in sys.argv[1:]:
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    declared = shape(model.graph.output[0])
    model.graph.output[0].type.tensor_type.ClearField('shape')
    inferred = shape(onnx.shape_inference.infer_shapes(model, strict_mode=True).graph.output[0])
    assert len(inferred) == len(declared) and inferred[1:] == declared[1:], (file, inferred, declared)
    found.append([shape(model.graph.input[0]), declared])
first = onnx.load(sys.argv[1])
print(json.dumps({'shapes': found, 'producer': [first.producer_name, first.producer_version],
                  'names': [port.name for port in [*first.graph.input, *first.graph.output]],
                  'constants': [each.name for each in first.graph.initializer]}))`;
  const output = execFileSync('/usr/bin/python3', ['-c', script, ...files.map(({ file }) => file)]);
  const { version } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'),
  ) as { version: string };
  expect(JSON.parse(output.toString())).toEqual({
    shapes: files.map(({ shapes }) => shapes.map((shape) => ['batch', ...shape])),
    producer: ['lamella', version],
    names: ['input', 'output'],
    constants: ['layer_0.weights', 'layer_0.biases'],
  });
});

test.each(everyLayer)('$type has operators', async ({ make: layer, inputShape }) => {
  const file = await exportOnnx(new Model([layer()], { inputShape }));
  expect(file.length).toBeGreaterThan(0);
});

class Twice extends Layer {
  override forward(input: Tensor): Tensor {
    return tensor(
      input.view().map((x) => 2 * x),
      input.shape,
    );
  }

  override backward(gradient: Tensor): Tensor {
    return this.forward(gradient);
  }
}

test('a layer of one’s own is refused by name, also inside another', async () => {
  // A built-in layer's name does not make one.
  class Impostor extends Twice {
    override get type(): string {
      return 'ReLU';
    }
  }
  const error = (layers: Layer[], ...parts: string[]): Promise<Error> =>
    expectRejection(
      () => exportOnnx(new Model([new Dense(3), ...layers], { inputShape: vector })),
      UnsupportedError,
      ...parts,
    );
  await error([new Twice()], 'layer_1 (Twice)');
  await error([new Impostor()], 'layer_1 (ReLU)');
  await error([new Residual([new Dense(3), new Twice()])], 'layer_1.layers_1 (Twice)');
});

test('a loss of one’s own is left out: it changes no prediction', async () => {
  class Own extends Loss {
    override get type(): string {
      return 'BinaryCrossEntropy';
    }
    override value(): number {
      return 0;
    }
    override gradient(output: Tensor): Tensor {
      return zeros(output.shape);
    }
  }
  const model = new Model([new Dense(3)], { loss: new Own(), inputShape: vector });
  await expectSamePredictions(model, await exportOnnx(model));
});
