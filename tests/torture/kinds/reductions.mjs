// Long reductions against sums in float64, within the bounds that docs/guides state.
import {
  AveragePooling2D,
  BatchNormalization,
  BatchNormalization2D,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  GlobalAveragePooling2D,
  init,
  LayerNormalization,
  MAE,
  MSE,
  RMSE,
  Softmax,
  tensor,
} from 'lamella';

const sum = (values, of = (x) => x) => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += of(values[i], i);
  return total;
};

/** Throws unless |got - wanted| <= tolerance. */
function near(what, got, wanted, tolerance) {
  if (Math.abs(got - wanted) <= tolerance) return;
  throw new Error(`${what}: got ${got}, float64 says ${wanted}, tolerance ${tolerance}`);
}

/** Frees what a check has made. */
function using(make) {
  const made = [];
  try {
    make((each) => {
      made.push(each);
      return each;
    });
  } finally {
    for (const each of made) each.dispose();
  }
}

/** A tensor that is freed at the end. */
const tensorOf = (own, values, shape) => own(tensor(values, shape));

/** Mostly short, at times of a million. */
const length = (random) => Math.floor(2 ** (4 + 16 * random.fraction()));

/** Numbers around a mean, of one sign or both, or all the same, whose errors do not cancel. */
function numbers(random, count) {
  const [mean, spread] = [random.pick([0, 0.7, 1, 100]), random.pick([1, 1e-3, 30, 0])];
  return random.numbers(count).map((x) => mean + spread * x);
}

const checks = {
  softmax: (random, own) => {
    const n = length(random);
    const x = own(
      tensor(
        random.numbers(n).map((value) => 5 * value),
        [1, n],
      ),
    );
    const y = own(own(new Softmax()).forward(x)).toArray();
    near('softmax', sum(y), 1, 1e-6);
  },
  'gradients over rows': (random, own) => {
    const n = length(random);
    const [x, g] = [numbers(random, 2 * n), numbers(random, n)];
    const dense = own(new Dense(1, { inputSize: 2 }));
    own(dense.forward(own(tensor(x, [n, 2]))));
    own(dense.backward(own(tensor(g, [n, 1]))));
    const { weights, biases } = dense.params;
    for (const each of [weights, biases]) [each.value, each.gradient].forEach(own);
    const got = weights.gradient.toArray();
    for (const k of [0, 1]) {
      const term = (each, i) => each * x[2 * i + k];
      near('weights', got[k], sum(g, term), 1e-5 * sum(g, (each, i) => Math.abs(term(each, i))));
    }
    near('biases', biases.gradient.toArray()[0], sum(g), 1e-5 * sum(g, Math.abs));
  },
  'gradients over pixels': (random, own) => {
    const [kernel, inputs, outputs] = [
      random.integer(1, 5),
      random.integer(1, 4),
      random.integer(1, 4),
    ];
    const batch = random.pick([1, 1, 3]);
    const side = kernel + Math.floor(Math.sqrt(length(random) / batch));
    const layer = own(new Convolutional(outputs, kernel, { inputShape: [inputs, side, side] }));
    const out = side - kernel + 1;
    const x = numbers(random, batch * inputs * side ** 2);
    const g = numbers(random, batch * outputs * out ** 2);
    own(layer.forward(own(tensor(x, [batch, inputs, side, side]))));
    own(layer.backward(own(tensor(g, [batch, outputs, out, out]))));
    const { kernels } = layer.params;
    [kernels.value, kernels.gradient].forEach(own);
    // The first element: of the first channels, and the upper left of each window.
    const terms = new Float64Array(batch * out ** 2);
    for (let i = 0; i < terms.length; i++) {
      const [image, row, column] = [Math.floor(i / out ** 2), Math.floor(i / out) % out, i % out];
      const pixel = image * inputs * side ** 2 + row * side + column;
      terms[i] = x[pixel] * g[image * outputs * out ** 2 + row * out + column];
    }
    near('kernels', kernels.gradient.toArray()[0], sum(terms), 1e-5 * sum(terms, Math.abs));
  },
  'products with long vectors': (random, own) => {
    const n = length(random);
    const [x, w] = [numbers(random, n), numbers(random, n)];
    const forward = own(new Dense(1, { inputSize: n, noBias: true }));
    forward.loadParams({ weights: tensorOf(own, w, [n, 1]) });
    const term = (each, i) => each * w[i];
    const bound = 1e-5 * sum(x, (each, i) => Math.abs(term(each, i)));
    const [y] = own(forward.forward(tensorOf(own, x, [1, n]))).toArray();
    near('forward', y, sum(x, term), bound);
    const back = own(new Dense(n, { inputSize: 1, noBias: true }));
    back.loadParams({ weights: tensorOf(own, w, [1, n]) });
    own(back.forward(tensorOf(own, [1], [1, 1])));
    const [g] = own(back.backward(tensorOf(own, x, [1, n]))).toArray();
    near('backward', g, sum(x, term), bound);
  },
  averages: (random, own) => {
    const side = Math.floor(Math.sqrt(length(random)));
    const x = numbers(random, side * side);
    const layer = own(
      random.chance(0.5) ? new GlobalAveragePooling2D() : new AveragePooling2D(side),
    );
    const y = own(layer.forward(own(tensor(x, [1, 1, side, side])))).toArray();
    near('average', y[0], sum(x) / x.length, (1e-6 * sum(x, Math.abs)) / x.length);
  },
  'a constant channel': (random, own) => {
    const n = Math.max(2, length(random));
    const value = random.pick([0.1, 100.1, 3.3, 1e6, -1e-3]) * (1 + random.fraction());
    const x = own(tensor(new Float32Array(n).fill(value), [n, 1, 1, 1]));
    const y = own(own(new BatchNormalization2D({ inputShape: [1, 1, 1] })).forward(x)).toArray();
    if (y.some((each) => each !== 0)) throw new Error(`batch normalization of ${value} is ${y[0]}`);
  },
  'batch normalization': (random, own) => {
    const n = 16 + length(random);
    const mean = random.pick([0, 1, 1e3, 1e6]);
    const x = random.numbers(n).map((value) => mean + 2 * value);
    const middle = sum(x) / n;
    const variance = sum(x, (value) => (value - middle) ** 2) / n;
    const layer = own(new BatchNormalization({ epsilon: 1e-8, inputShape: [1] }));
    const y = own(layer.forward(own(tensor(x, [n, 1])))).toArray();
    y.forEach((value, i) =>
      near('batch normalization', value, (x[i] - middle) / Math.sqrt(variance + 1e-8), 1e-3),
    );
  },
  'layer normalization': (random, own) => {
    const n = 16 + length(random);
    const x = numbers(random, n);
    const middle = sum(x) / n;
    const variance = sum(x, (value) => (value - middle) ** 2) / n;
    const y = own(
      own(new LayerNormalization({ inputShape: [n] })).forward(own(tensor(x, [1, n]))),
    ).toArray();
    y.forEach((value, i) =>
      near('layer normalization', value, (x[i] - middle) / Math.sqrt(variance + 1e-5), 1e-3),
    );
  },
  'mean squared error': (random, own) => {
    const n = length(random);
    const x = numbers(random, n);
    const y = x.map((value) => value + random.pick([1e-3, 1e-6]) * (random.fraction() - 0.5));
    const got = own(new MSE()).value(own(tensor(x, [1, n])), own(tensor(y, [1, n])));
    const wanted = sum(x, (value, i) => (value - y[i]) ** 2);
    near('MSE', got, wanted, 1e-5 * wanted);
  },
  'cross-entropy': (random, own) => {
    const n = Math.max(2, length(random));
    const x = random.numbers(n).map((value) => random.pick([1, 8]) * value);
    const label = random.integer(0, n - 1);
    if (random.chance(0.3)) x[label] = 40;
    const y = new Float32Array(n);
    y[label] = 1;
    const got = own(new CategoricalCrossEntropy()).value(
      own(tensor(x, [1, n])),
      own(tensor(y, [1, n])),
    );
    const others = sum(x, (value, i) => (i === label ? 0 : Math.exp(value - x[label])));
    const wanted = Math.log1p(others);
    // Terms are added to 1, in float64.
    near('cross-entropy', got, wanted, 1e-5 * wanted + n * 2 ** -53);
  },
  metrics: (random, own) => {
    const n = length(random);
    const [x, y] = [numbers(random, n), numbers(random, n)];
    const tensors = [own(tensor(x, [n, 1])), own(tensor(y, [n, 1]))];
    const absolute = sum(x, (value, i) => Math.abs(value - y[i])) / n;
    const squares = Math.sqrt(sum(x, (value, i) => (value - y[i]) ** 2) / n);
    near('MAE', new MAE().compute(...tensors), absolute, 1e-6 * absolute);
    near('RMSE', new RMSE().compute(...tensors), squares, 1e-6 * squares);
  },
};

export async function prepare() {
  await init({ variant: 'simd' });
  const names = Object.keys(checks);
  return (random, index) => {
    const name = names[index % names.length];
    try {
      using((own) => checks[name](random, own));
    } catch (error) {
      throw new Error(`${name}: ${String(error?.stack ?? error)}`, { cause: error });
    }
  };
}
