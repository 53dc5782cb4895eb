// The recorded numbers of tests/fixtures/golden, through the public API. Tolerances follow from
// the error that the recording itself had in float32: see `format.tolerance` in its manifest.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  col2im,
  type Config,
  im2col,
  init,
  Layer,
  layerFromConfig,
  type Loss,
  Model,
  MSE,
  type Optimizer,
  type Parameter,
  RMSprop,
  SGD,
  type Shape,
  Tensor,
  tensor,
} from 'lamella';
import { values } from './support.js';

interface Recorded {
  readonly shape: number[];
  readonly data: number[];
}
type Named = Record<string, Recorded>;
interface Part {
  readonly type: string;
  readonly config: Config;
}
interface Case {
  readonly name: string;
  readonly max_abs_err_f32_vs_f64: Record<string, number>;
}
interface LayerCase extends Case {
  readonly layer: Part;
  readonly input_shape: number[];
  readonly output_shape: number[];
  readonly params: Named;
  readonly state_before: Named;
  readonly state_after: Named;
  readonly training: boolean;
  readonly input: Recorded;
  readonly output: Recorded;
  readonly output_gradient: Recorded | null;
  readonly input_gradient: Recorded;
  readonly param_gradients: Named;
}
interface LossCase extends Case {
  readonly loss: Part;
  readonly output: Recorded;
  readonly output_expected: Recorded;
  readonly value: number;
  readonly gradient: Recorded;
  readonly alternatives: { readonly exact?: { readonly value: number } };
}
interface OptimizerCase extends Case {
  readonly optimizer: Part;
  readonly params_initial: Named;
  readonly gradients: Named[];
  readonly params_after: Named[];
}
interface Weights {
  readonly params: Named;
  readonly state: Named;
}
interface ModelCase extends Case {
  readonly layers: Part[];
  readonly input_shape: number[];
  readonly loss: Part;
  readonly optimizer: Part;
  readonly initial: Weights[];
  readonly final: Weights[];
  readonly x: Recorded;
  readonly y: Recorded;
  readonly batches: number[][];
  readonly losses: number[];
  readonly predict_input: Recorded;
  readonly predictions: Recorded;
}
interface ColumnsCase extends Case {
  readonly input: Recorded;
  readonly output: Recorded;
  readonly window_size: number;
  readonly stride: number | null;
}
interface ImagesCase extends Case {
  readonly cols_im2col_layout: Recorded;
  readonly input_shape: number[];
  readonly output_shape: number[];
  readonly window_size: number;
  readonly stride: number;
  readonly output: Recorded;
}

const golden = join(import.meta.dirname, '../fixtures/golden');

function load(file: string): unknown {
  return JSON.parse(readFileSync(join(golden, `${file}.json`), 'utf8'));
}

/** The fixtures' Python names in TypeScript: output_size is outputSize. */
function translate(config: Config): Config {
  const camel = (name: string): string =>
    name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [camel(name), value]));
}

function toLayer({ type, config }: Part): Layer {
  return layerFromConfig({ ...translate(config), type });
}

function toTensor({ shape, data }: Recorded): Tensor {
  return tensor(data, shape);
}

function toTensors(named: Named): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(named).map(([name, recorded]) => [name, toTensor(recorded)]),
  );
}

type Tolerance = (recordedError: number, greatest: number) => number;
const one: Tolerance = (error, greatest) => 4 * error + 2e-6 * greatest + 1e-7;
const steps: Tolerance = (error, greatest) => 8 * error + 1e-5 * greatest + 1e-6;

/** Checks numbers against recorded ones that the case knows by `name`. */
function expectClose(
  c: Case,
  name: string,
  got: readonly number[],
  wanted: readonly number[],
  tolerance = one,
): void {
  const error = c.max_abs_err_f32_vs_f64[name] ?? NaN; // NaN agrees with nothing.
  const allowed = tolerance(error, Math.max(...wanted.map(Math.abs)));
  expect(got).toHaveLength(wanted.length);
  const off = got.flatMap((value, index) =>
    Math.abs(value - (wanted[index] as number)) <= allowed
      ? []
      : [{ name, index, got: value, wanted: wanted[index], allowed }],
  );
  expect(off).toEqual([]);
}

function expectTensor(c: Case, name: string, got: Tensor, wanted: Recorded, tolerance = one): void {
  expect(got.shape).toEqual(wanted.shape);
  expectClose(c, name, values(got), wanted.data, tolerance);
}

function expectTensors(
  c: Case,
  prefix: string,
  got: Record<string, Tensor>,
  wanted: Named,
  tolerance = one,
): void {
  expect(Object.keys(got).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, recorded] of Object.entries(wanted)) {
    expectTensor(c, `${prefix}${name}`, got[name] as Tensor, recorded, tolerance);
  }
}

function part(layer: Layer, which: 'value' | 'gradient'): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(layer.params).map(([name, parameter]) => [name, parameter[which]]),
  );
}

beforeAll(() => init());

describe.each([
  'average_pooling_2d',
  'batch_normalization',
  'batch_normalization_2d',
  'convolutional',
  'dense',
  'flatten',
  'max_pooling_2d',
  'prelu',
  'relu',
  'sigmoid',
  'softmax',
  'swish',
  'tanh',
])('%s', (file) => {
  test.each(load(file) as LayerCase[])('$name', (c) => {
    const layer = toLayer(c.layer);
    layer.build(c.input_shape);
    expect(layer.outputShape).toEqual(c.output_shape);
    layer.loadParams(toTensors(c.params));
    layer.state = toTensors(c.state_before);

    expectTensor(c, 'output', layer.forward(toTensor(c.input), c.training), c.output);
    expectTensors(c, 'state_after.', layer.state, c.state_after);
    if (c.output_gradient === null) return;
    const inputGradient = layer.backward(toTensor(c.output_gradient));
    expectTensor(c, 'input_gradient', inputGradient, c.input_gradient);
    expectTensors(c, 'param_gradients.', part(layer, 'gradient'), c.param_gradients);
  });
});

const losses: Record<string, (config: Config) => Loss> = {
  MSE: () => new MSE(),
  BinaryCrossEntropy: () => new BinaryCrossEntropy(),
  CategoricalCrossEntropy: (config) => new CategoricalCrossEntropy(config),
};

function toLoss({ type, config }: Part): Loss {
  return losses[type]?.(translate(config)) as Loss;
}

describe.each(['mse', 'binary_cross_entropy', 'categorical_cross_entropy'])('%s', (file) => {
  test.each(load(file) as LossCase[])('$name', (c) => {
    const loss = toLoss(c.loss);
    const [output, expected] = [toTensor(c.output), toTensor(c.output_expected)];
    // The value is exact; the recording's has an epsilon inside the logarithm (quirk Q21).
    const value = c.alternatives.exact?.value ?? c.value;
    expectClose(c, 'value', [loss.value(output, expected)], [value]);
    expectTensor(c, 'gradient', loss.gradient(output, expected), c.gradient);
  });
});

const optimizers: Record<string, (config: Config) => Optimizer> = {
  SGD: (config) => new SGD(config),
  RMSprop: (config) => new RMSprop(config),
  Adam: (config) => new Adam(config),
};

function toOptimizer({ type, config }: Part): Optimizer {
  return optimizers[type]?.(translate(config)) as Optimizer;
}

/** Nothing but parameters. */
class Parameters extends Layer {
  readonly #params: Record<string, Parameter>;

  constructor(initial: Named) {
    super();
    this.#params = Object.fromEntries(
      Object.entries(initial).map(([name, value]) => [
        name,
        { value: toTensor(value), gradient: toTensor(value) },
      ]),
    );
  }

  override get params(): Record<string, Parameter> {
    return this.#params;
  }

  override forward(input: Tensor): Tensor {
    return input;
  }

  override backward(outputGradient: Tensor): Tensor {
    return outputGradient;
  }
}

describe.each(['sgd', 'rmsprop', 'adam'])('%s', (file) => {
  test.each(load(file) as OptimizerCase[])('$name', (c) => {
    const optimizer = toOptimizer(c.optimizer);
    const layer = new Parameters(c.params_initial);
    c.gradients.forEach((gradients, step) => {
      for (const [name, gradient] of Object.entries(gradients)) {
        layer.params[name]?.gradient.set(gradient.data);
      }
      optimizer.step([layer]);
      expectTensors(c, '', part(layer, 'value'), c.params_after[step] as Named);
      // Regularisation does not show in the gradients (quirk Q25).
      for (const [name, { data }] of Object.entries(gradients)) {
        expect(values(layer.params[name]?.gradient as Tensor)).toEqual(data.map(Math.fround));
      }
    });
  });
});

function rows({ shape, data }: Recorded, indices: readonly number[]): Tensor {
  const [, ...sample] = shape;
  const size = sample.reduce((product, dim) => product * dim, 1);
  const picked = indices.flatMap((row) => data.slice(row * size, (row + 1) * size));
  return tensor(picked, [indices.length, ...sample]);
}

describe('models', () => {
  const make = (c: ModelCase): Model => {
    const model = new Model(c.layers.map(toLayer), {
      loss: toLoss(c.loss),
      optimizer: toOptimizer(c.optimizer),
      inputShape: c.input_shape,
    });
    c.initial.forEach(({ params, state }, i) => {
      const layer = model.layers[i] as Layer;
      expect(Object.keys(layer.params)).toHaveLength(Object.keys(params).length);
      layer.loadParams(toTensors(params));
      layer.state = toTensors(state);
    });
    return model;
  };

  test.each(load('models') as ModelCase[])('$name', (c) => {
    const model = make(c);
    const got = c.batches.map((batch) => model.trainBatch(rows(c.x, batch), rows(c.y, batch)).loss);
    expectClose(c, 'losses', got, c.losses, steps);
    c.final.forEach(({ params, state }, i) => {
      const layer = model.layers[i] as Layer;
      expectTensors(c, `final.${i}.params.`, part(layer, 'value'), params, steps);
      expectTensors(c, `final.${i}.state.`, layer.state, state, steps);
    });
    const predictions = model.predict(toTensor(c.predict_input));
    expectTensor(c, 'predictions', predictions, c.predictions, steps);
  });
});

describe('im2col', () => {
  test.each(load('im2col') as ColumnsCase[])('$name', (c) => {
    const columns = im2col(toTensor(c.input), c.window_size, c.stride ?? undefined);
    const [n, height, width, channels, k] = c.output.shape as [
      number,
      number,
      number,
      number,
      number,
    ];
    expect(columns.shape).toEqual([n, height, width, channels * k * k]);
    expect(values(columns)).toEqual(c.output.data.map(Math.fround));
  });
});

describe('col2im', () => {
  test.each(load('col2im') as ImagesCase[])('$name', (c) => {
    const columns = toTensor(c.cols_im2col_layout);
    const [n, height, width] = columns.shape as [number, number, number];
    const flat: Shape = [n, height, width, columns.size / (n * height * width)];
    for (const cols of [columns, columns.reshape(flat)]) {
      const images = col2im(cols, c.input_shape, c.output_shape, c.window_size, c.stride);
      expectTensor(c, 'output', images, c.output);
    }
  });
});
