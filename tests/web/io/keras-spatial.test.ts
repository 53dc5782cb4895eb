// Models of TensorFlow.js with the layers over images of lamella/graph: the same predictions here.
import { beforeAll, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers as tfLayers, sequential } from '@tensorflow/tfjs-layers';
import {
  FormatError,
  init,
  loadLayersModel,
  Resizing,
  type Shape,
  tensor,
  UnsupportedError,
} from 'lamella/graph';
import { expectRejection, numbers, values } from '../support.js';

beforeAll(async () => {
  tf.enableProdMode();
  await init();
});

const sizeOf = (shape: Shape): number => shape.reduce((product, dim) => product * dim, 1);

function expectClose(got: readonly number[], wanted: readonly number[]): void {
  expect(got.length).toBe(wanted.length);
  const worst = Math.max(...got.map((value, i) => Math.abs(value - (wanted[i] as number))));
  expect(worst).toBeLessThan(1e-4);
}

const inputShape = [8, 9, 3];
type TfLayer = Parameters<ReturnType<typeof sequential>['add']>[0];

/** The model's topology, with other settings and another class of the first layer, and its numbers. */
async function saved(layers: readonly TfLayer[], settings: object = {}, className?: string) {
  const model = sequential({ layers: [...layers] });
  model.setWeights(
    model.weights.map(({ shape }, i) => tf.tensor(numbers(sizeOf(shape as number[]), i + 1), shape as number[])), // prettier-ignore
  );
  let files: { topology: object; specs: unknown; bytes: Uint8Array } | undefined;
  await model.save(
    tf.io.withSaveHandler(({ modelTopology, weightSpecs, weightData }) => {
      const bytes = new Uint8Array(weightData as ArrayBuffer);
      files = { topology: modelTopology as object, specs: weightSpecs, bytes };
      return Promise.resolve({
        modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const },
      });
    }),
  );
  const { topology, specs, bytes } = files as NonNullable<typeof files>;
  const { config } = topology as {
    config: { layers: { class_name: string; config: object }[] };
  };
  const [first] = config.layers;
  if (first === undefined) throw new Error('no layer');
  first.config = { ...first.config, ...settings };
  first.class_name = className ?? first.class_name;
  const json = JSON.stringify({
    format: 'layers-model',
    modelTopology: topology,
    weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
  });
  return { model, json, bytes };
}

/** [n, height, width, channels] to [n, channels, height, width]. */
function channelsFirst(x: tf.Tensor): number[] {
  return Array.from(tf.transpose(x, [0, 3, 1, 2]).dataSync());
}

const padding = 'same';
const converted: [name: string, type: string, make: () => TfLayer, settings?: object][] = [
  ['zeroPadding2d', 'ZeroPadding2D', () => tfLayers.zeroPadding2d({ padding: [[1, 2], [0, 3]], inputShape })], // prettier-ignore
  ['cropping2D', 'Cropping2D', () => tfLayers.cropping2D({ cropping: [[1, 2], [0, 3]], inputShape })], // prettier-ignore
  ['upSampling2d', 'UpSampling2D', () => tfLayers.upSampling2d({ size: [2, 3], inputShape })],
  [
    'depthwiseConv2d',
    'DepthwiseConv2D',
    () => tfLayers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding, inputShape }),
  ],
  [
    'separableConv2d',
    'SeparableConv2D',
    () => tfLayers.separableConv2d({ filters: 4, kernelSize: [2, 3], depthMultiplier: 2, inputShape }), // prettier-ignore
    // As Keras has it; TensorFlow.js does not say it.
    { depth_multiplier: 2 },
  ],
  [
    'separableConv2d, strides',
    'SeparableConv2D',
    () =>
      tfLayers.separableConv2d({
        filters: 4,
        kernelSize: 3,
        strides: 2,
        padding,
        useBias: false,
        inputShape,
      }),
  ],
  [
    'conv2dTranspose',
    'Conv2DTranspose',
    () => tfLayers.conv2dTranspose({ filters: 4, kernelSize: [2, 3], strides: 2, inputShape }),
  ],
  [
    "conv2dTranspose, 'same'",
    'Conv2DTranspose',
    () => tfLayers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding, inputShape }),
  ],
];

test.each(converted)('%s', async (_, type, make, ...settings) => {
  // A convolution behind it sees whether the converter says which shape comes out.
  const next = tfLayers.conv2d({ filters: 2, kernelSize: 1 });
  const { model, json, bytes } = await saved([make(), next], ...settings);
  const ours = await loadLayersModel(json, [bytes]);
  expect(ours.layers[0]?.type).toBe(type);
  const x = tf.tensor(numbers(2 * sizeOf(inputShape), 9), [2, ...inputShape]);
  const got = ours.predict(tensor(channelsFirst(x), [2, 3, 8, 9]));
  expectClose(values(got), channelsFirst(model.predict(x) as tf.Tensor));
});

/** Loads a model of one layer with other settings. */
async function withSettings(make: () => TfLayer, settings: object, className?: string) {
  const { json, bytes } = await saved([make()], settings, className);
  return () => loadLayersModel(json, [bytes]);
}

const upSampling = () => tfLayers.upSampling2d({ inputShape });
const transpose = () => tfLayers.conv2dTranspose({ filters: 2, kernelSize: 3, inputShape });

test('Resizing, and settings that Keras writes', async () => {
  const size = { height: 4, width: 5 };
  const resizing = await withSettings(upSampling, size, 'Resizing');
  const [layer] = (await resizing()).layers;
  expect(layer).toBeInstanceOf(Resizing);
  expect(layer?.getConfig()).toMatchObject({ ...size, interpolation: 'nearest' });
  const bilinear = await withSettings(upSampling, { interpolation: 'bilinear' });
  expect((await bilinear()).layers[0]?.getConfig()).toMatchObject({ interpolation: 'bilinear' });
});

type Refused = [name: string, make: () => TfLayer, settings: object, className?: string];
const refused: Refused[] = [
  ['interpolation', upSampling, { interpolation: 'bicubic' }],
  ['output_padding', transpose, { output_padding: 1 }],
  ['dilation_rate', transpose, { dilation_rate: [2, 2] }],
  ['padding', transpose, { padding: 'causal' }],
  ['antialias', upSampling, { height: 4, width: 5, antialias: true }, 'Resizing'],
];
test.each(refused)('%s that lamella has not is refused', async (name, ...given) => {
  const load = await withSettings(...given);
  await expectRejection(load, UnsupportedError, name);
});

test('borders that are none are refused', async () => {
  const make = () => tfLayers.zeroPadding2d({ inputShape });
  for (const padding of [-1, [1, 2, 3], [[1, 2], [3]], 'same', [[1, 0.5], 2]]) {
    await expectRejection(await withSettings(make, { padding }), FormatError, 'padding');
  }
});
