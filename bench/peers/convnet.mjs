// convnetjs: plain JavaScript, float64, one sample at a time, channels last.
import { toChannelsFirst, toChannelsLast, transpose } from '../data.mjs';
import { denseWeightsChannelsLast, windows } from '../layers.mjs';
import { Missing } from './missing.mjs';

async function start() {
  return (await import('convnetjs')).default;
}

export async function open() {
  return tasks(await start());
}

/** Samples [N, C, H, W], or vectors, as volumes. */
function volumes({ Vol }, values, [n, c, h = 1, w = 1]) {
  const all = toChannelsLast(values, [n, c, h, w]);
  return Array.from({ length: n }, (_, i) => {
    const volume = new Vol(w, h, c, 0);
    volume.w.set(all.subarray(i * c * h * w, (i + 1) * c * h * w));
    return volume;
  });
}

/** A convolution, in its own words. */
function convolution(layer) {
  const { depth, size, stride, groups, input } = layer;
  const { before: pad, after } = windows(layer, input[1]);
  if (groups > 1) throw new Missing('no convolution in groups');
  if (after !== pad) throw new Missing('as much padding before an image as after it');
  return { sx: size, filters: depth, stride, pad };
}

function setKernels(layer, values, shape) {
  const size = values.length / shape[0];
  const all = transpose(values, shape, [0, 2, 3, 1]);
  layer.filters.forEach((filter, i) => filter.w.set(all.subarray(i * size, (i + 1) * size)));
  layer.biases.w.fill(0);
}

function setWeights(layer, values, [rows, columns]) {
  const all = transpose(values, [rows, columns], [1, 0]);
  layer.filters.forEach((filter, i) => filter.w.set(all.subarray(i * rows, (i + 1) * rows)));
  layer.biases.w.fill(0);
}

function tasks(convnet) {
  function build({ layers, inputShape: [c, h = 1, w = 1] }) {
    const net = new convnet.Net();
    const definitions = layers.flatMap((layer, i) => {
      const { type, size } = layer;
      const next = layers[i + 1]?.type;
      const activation = ['relu', 'sigmoid'].includes(next) ? next : undefined;
      if (type === 'conv') return { type, ...convolution(layer), activation };
      if (type === 'pool') return { type, sx: size, stride: layer.stride };
      if (type !== 'dense') return [];
      const last = i === layers.length - 1;
      return last
        ? { type: 'softmax', num_classes: size }
        : { type: 'fc', num_neurons: size, activation };
    });
    net.makeLayers([{ type: 'input', out_sx: w, out_sy: h, out_depth: c }, ...definitions]);
    const weighted = net.layers.filter(({ filters }) => filters);
    layers.forEach((layer, i) => {
      if (layer.type === 'conv') setKernels(weighted.shift(), layer.weights, layer.weightShape);
      if (layer.type === 'dense') {
        setWeights(weighted.shift(), denseWeightsChannelsLast(layers, i), layer.weightShape);
      }
    });
    return net;
  }

  return {
    missing: { gemm: 'no matrix product: it handles one sample at a time' },

    operator({ layers: [layer], batch, inputShape, outputShape, x }) {
      if (layer.type !== 'conv') throw new Missing('convolutions only');
      const [c, h, w] = inputShape;
      const size = { in_sx: w, in_sy: h, in_depth: c };
      const own = new convnet.ConvLayer({ ...size, ...convolution(layer) });
      setKernels(own, layer.weights, layer.weightShape);
      const images = volumes(convnet, x, [batch, ...inputShape]);
      const run = () => images.map((image) => own.forward(image, false).w);
      return { run, result: () => toChannelsFirst(concatenate(run()), [batch, ...outputShape]) };
    },

    inference(data) {
      const net = build(data);
      // The layer before the softmax has the logits.
      const logits = net.layers.at(-2);
      const images = volumes(convnet, data.x, [data.batch, ...data.inputShape]);
      const run = () =>
        images.map((image) => {
          net.forward(image, false);
          return logits.out_act.w;
        });
      return { run, result: () => concatenate(run()) };
    },

    training(data) {
      const net = build(data);
      const trainer = new convnet.Trainer(net, {
        ...{ method: 'adagrad', learning_rate: data.learningRate, batch_size: data.batch },
      });
      const images = volumes(convnet, data.x, [data.batch, ...data.inputShape]);
      return {
        note: 'Adagrad, for want of Adam; float64',
        check: 'own-update',
        run() {
          let loss = 0;
          images.forEach((image, i) => (loss += trainer.train(image, data.labels[i]).cost_loss));
          return loss / images.length;
        },
      };
    },
  };
}

const concatenate = (arrays) => Float64Array.from(arrays.flatMap((array) => [...array]));

export async function startup() {
  const convnet = await start();
  const layer = new convnet.FullyConnLayer({ in_sx: 1, in_sy: 1, in_depth: 784, num_neurons: 10 });
  return layer.forward(new convnet.Vol(1, 1, 784, 1), false).w;
}
