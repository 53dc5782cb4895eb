// A plain loop over typed arrays, for networks of dense layers that are smaller than any call.
import { Missing } from './missing.mjs';

/** Adam's decay of its means, and what keeps it from dividing by zero. */
const [decay, squareDecay, epsilon] = [0.9, 0.999, 1e-8];

const activations = {
  relu: (x) => (x > 0 ? x : 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

/** The activations' derivatives, from their results. */
const slopes = {
  relu: (y) => (y > 0 ? 1 : 0),
  sigmoid: (y) => y * (1 - y),
};

/** Dense layers, each with the activation after it. */
function build({ layers }) {
  return layers.flatMap(({ type, weights, weightShape, biases }, i) => {
    if (activations[type]) return [];
    if (type !== 'dense') throw new Missing('dense layers only');
    const [rows, columns] = weightShape;
    const next = layers[i + 1]?.type;
    const parameters = [weights, biases].map((values) => ({
      values: Float32Array.from(values),
      ...{ gradient: new Float32Array(values.length), mean: new Float32Array(values.length) },
      square: new Float32Array(values.length),
    }));
    const output = new Float32Array(columns);
    return [{ rows, columns, next, parameters, output, back: new Float32Array(rows) }];
  });
}

function forwardLayer({ rows, columns, parameters, next, output }, x, first) {
  const [{ values: weights }, { values: biases }] = parameters;
  output.set(biases);
  for (let i = 0; i < rows; i++) {
    const value = x[first + i];
    const row = i * columns;
    for (let j = 0; j < columns; j++) output[j] += value * weights[row + j];
  }
  const activation = activations[next];
  if (activation) for (let j = 0; j < columns; j++) output[j] = activation(output[j]);
}

/** The logits of the sample that begins at x[first]. */
function forward(net, x, first = 0) {
  forwardLayer(net[0], x, first);
  for (let i = 1; i < net.length; i++) forwardLayer(net[i], net[i - 1].output, 0);
  return net.at(-1).output;
}

/** Loss of the logits; they become its gradient. */
function crossEntropy(logits, label, batch) {
  let most = -Infinity;
  for (const z of logits) most = Math.max(most, z);
  let sum = 0;
  for (const z of logits) sum += Math.exp(z - most);
  const loss = Math.log(sum) + most - logits[label];
  for (let i = 0; i < logits.length; i++) logits[i] = Math.exp(logits[i] - most) / sum / batch;
  logits[label] -= 1 / batch;
  return loss;
}

/** Adds the gradients, `g` being that of the layer's sums; leaves its input's in `back`. */
function backwardLayer({ rows, columns, parameters, back }, g, x, first) {
  const [{ values: weights, gradient }, { gradient: biasGradient }] = parameters;
  for (let j = 0; j < columns; j++) biasGradient[j] += g[j];
  for (let i = 0; i < rows; i++) {
    const value = x[first + i];
    const row = i * columns;
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      gradient[row + j] += value * g[j];
      sum += weights[row + j] * g[j];
    }
    back[i] = sum;
  }
}

function backward(net, x, first) {
  let g = net.at(-1).output;
  for (let i = net.length - 1; i > 0; i--) {
    const { output, next } = net[i - 1];
    backwardLayer(net[i], g, output, 0);
    g = net[i].back;
    const slope = slopes[next];
    for (let j = 0; j < g.length; j++) g[j] *= slope(output[j]);
  }
  backwardLayer(net[0], g, x, first);
}

/** A step of Adam, which leaves the gradients at 0. */
function update({ values, gradient, mean, square }, rate, squareCorrection) {
  for (let i = 0; i < values.length; i++) {
    const slope = gradient[i];
    mean[i] = decay * mean[i] + (1 - decay) * slope;
    square[i] = squareDecay * square[i] + (1 - squareDecay) * slope * slope;
    values[i] -= (rate * mean[i]) / (Math.sqrt(square[i] * squareCorrection) + epsilon);
    gradient[i] = 0;
  }
}

export async function open() {
  return {
    prediction(data) {
      const net = build(data);
      const run = () => Float32Array.from(forward(net, data.x));
      return { run, result: run };
    },

    predictionInto(data) {
      const net = build(data);
      const out = new Float32Array(data.outputShape[0]);
      return { run: () => out.set(forward(net, data.x)), result: () => out };
    },

    inference(data) {
      const net = build(data);
      return { run: () => void forward(net, data.x), result: () => forward(net, data.x) };
    },

    training(data) {
      const { x, labels, batch, learningRate } = data;
      const net = build(data);
      const width = x.length / batch;
      let steps = 0;
      return {
        run() {
          steps++;
          let loss = 0;
          for (let row = 0; row < batch; row++) {
            loss += crossEntropy(forward(net, x, row * width), labels[row], batch) / batch;
            backward(net, x, row * width);
          }
          const rate = learningRate / (1 - decay ** steps);
          for (const { parameters } of net) {
            for (const each of parameters) update(each, rate, 1 / (1 - squareDecay ** steps));
          }
          return loss;
        },
      };
    },
  };
}
