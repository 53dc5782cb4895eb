// Random graphs against finite differences, and against their layers computed one by one.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Average,
  Concatenate,
  init,
  type Layer,
  layerFromConfig,
  layerToConfig,
  Maximum,
  Model,
  MSE,
  Multiply,
  SGD,
  type Shape,
  Softmax,
  SparseCategoricalCrossEntropy,
  type SymbolicTensor,
  type Tensor,
  tensor,
} from 'lamella/graph';
import { randomGraph } from './random-graphs.js';
import { noise, numbers } from './support.js';

beforeAll(() => init());

const BATCH = 3;
const sizeOf = (shape: Shape): number => shape.reduce((size, length) => size * length, 1);
const seeds = Array.from({ length: 20 }, (_, i) => i + 1);

/** The model of a graph, its batch, and what is expected. Its steps are too small to change a weight. */
function prepare(seed: number): {
  graph: ReturnType<typeof randomGraph>;
  model: Model;
  x: Tensor[];
  y: Tensor[];
} {
  const graph = randomGraph(seed);
  const model = new Model(graph, {
    loss: [new SparseCategoricalCrossEntropy(), new MSE(), new MSE()],
    lossWeights: [1, 0.5, 0.25],
    optimizer: new SGD({ learningRate: 1e-30 }),
    seed,
  });
  const x = graph.inputs.map(({ shape }, i) => noise([BATCH, ...shape], 100 * seed + i));
  const others = graph.outputs
    .slice(1)
    .map(({ shape }, i) => noise([BATCH, ...shape], 100 * seed + 50 + i));
  return { graph, model, x, y: [tensor([0, 1, 2]), ...others] };
}

/** What a merging layer makes of numbers: [BATCH, ...shapes], of which the first shape is whole. */
function merged(layer: Layer, parts: readonly Tensor[], shape: Shape): number[] {
  const numbers = parts.map((part) => [...part.toArray()]);
  if (layer instanceof Concatenate) {
    const axis = 1 + ((layer.getConfig()['axis'] as number | undefined) ?? 0);
    const outer = sizeOf([BATCH, ...shape].slice(0, axis));
    return Array.from({ length: outer }, (_, i) =>
      numbers.flatMap((part) =>
        part.slice((i * part.length) / outer, ((i + 1) * part.length) / outer),
      ),
    ).flat();
  }
  const size = BATCH * sizeOf(shape);
  return Array.from({ length: size }, (_, i) => {
    // Weights of channels stand for all their pixels.
    const terms = numbers.map((part) => part[Math.floor((i * part.length) / size)] as number);
    if (layer instanceof Multiply) return terms.reduce((product, term) => product * term);
    if (layer instanceof Maximum) return Math.max(...terms);
    const sum = terms.reduce((total, term) => total + term);
    return layer instanceof Average ? sum / terms.length : sum;
  });
}

/** The outputs of a graph, each use of a layer computed by a copy of it. */
function oneByOne(
  { inputs, outputs }: ReturnType<typeof randomGraph>,
  x: readonly Tensor[],
): Tensor[] {
  const made = new Map(inputs.map((value, i) => [value, x[i] as Tensor]));
  const compute = (value: SymbolicTensor): Tensor => {
    const known = made.get(value);
    if (known) return known;
    const { layer, inputs: taken } = value.call as NonNullable<typeof value.call>;
    const parts = taken.map(compute);
    let result: Tensor;
    if (parts.length > 1) {
      result = tensor(merged(layer, parts, value.shape), [BATCH, ...value.shape]);
    } else {
      const copy = layerFromConfig(layerToConfig(layer));
      copy.build(layer.inputShape);
      copy.loadParams(
        Object.fromEntries(Object.entries(layer.params).map(([name, { value }]) => [name, value])),
      );
      result = copy.forward(parts[0] as Tensor, false);
    }
    made.set(value, result);
    return result;
  };
  return outputs.map(compute);
}

describe.each(seeds)('random graph %i', (seed) => {
  // Of three steps, one is small enough for the kinks of Maximum and large enough for rounding.
  test('its gradients agree with finite differences', () => {
    const { model, x, y } = prepare(seed);
    const loss = (): number => model.trainBatch(x, y).loss;
    loss();
    const parameters = model.layers.flatMap((layer) =>
      Object.entries(layer.params).map(([name, { gradient }]) => ({
        layer,
        name,
        gradient: gradient.toArray(),
      })),
    );
    expect(parameters.length).toBeGreaterThan(15);
    const norms = parameters.map(({ gradient }) => Math.hypot(...gradient));
    const largest = Math.max(...norms);
    for (const [i, { layer, name, gradient }] of parameters.entries()) {
      const value = layer.params[name]?.value as Tensor;
      const before = value.toArray();
      const direction = numbers(before.length, seed + i);
      const length = Math.hypot(...direction);
      const lossAt = (step: number): number => {
        value.set(before.map((w, j) => w + (step / length) * (direction[j] as number)));
        return loss();
      };
      const slopes = [1e-2, 1e-3, 1e-4].map((step) => (lossAt(step) - lossAt(-step)) / (2 * step));
      value.set(before);
      const wanted = gradient.reduce((sum, g, j) => sum + g * (direction[j] as number), 0) / length;
      const nearest = Math.min(...slopes.map((slope) => Math.abs(slope - wanted)));
      const tolerance = 0.01 * (norms[i] as number) + 1e-3 * largest;
      const about = `${layer.type} ${name}: gradient ${wanted}, slopes ${slopes.join(', ')}`;
      expect([about, nearest < tolerance]).toEqual([about, true]);
    }
    model.dispose();
  });

  test('it computes what its layers do one by one', () => {
    const { graph, model, x } = prepare(seed);
    const wanted = oneByOne(graph, x);
    const outputs = model.predictAll(x);
    expect(outputs).toHaveLength(3);
    for (const [i, output] of outputs.entries()) {
      const own = wanted[i] as Tensor;
      // A model predicts probabilities where its loss takes logits.
      const expected = (i === 0 ? new Softmax().forward(own) : own).toArray();
      expect(output.shape).toEqual(own.shape);
      // Some twenty layers on numbers of about 1.
      const difference = Math.max(
        ...output.toArray().map((y, j) => Math.abs(y - (expected[j] as number))),
      );
      expect(difference).toBeLessThan(1e-5);
    }
    model.dispose();
  });
});
