// Helpers that the tests share.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from '@jest/globals';
import {
  AveragePooling2D,
  BatchNormalization,
  BatchNormalization2D,
  type Config,
  Convolutional,
  Dense,
  Dropout,
  Flatten,
  GlobalAveragePooling2D,
  LamellaError,
  type Layer,
  layerClasses,
  LayerNormalization,
  MaxPooling2D,
  oneHot,
  Reshape,
  type Shape,
  type Tensor,
  tensor,
} from 'lamella';

const root = join(import.meta.dirname, '../..');

export type ErrorClass = abstract new (...values: never[]) => Error;

/** The error that `body` throws or rejects with; fails when it does neither. */
export async function rejection(body: () => unknown): Promise<unknown> {
  try {
    await body();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

function expectLamellaError(error: unknown, kind: ErrorClass, parts: readonly string[]): void {
  expect(error).toBeInstanceOf(kind);
  expect(error).toBeInstanceOf(LamellaError);
  expect((error as Error).name).toBe(kind.name);
  for (const part of parts) expect((error as Error).message).toContain(part);
}

/** Checks that `body` throws this kind of LamellaError, whose message holds all `parts`. */
export function expectError(
  body: () => unknown,
  kind: ErrorClass,
  ...parts: readonly string[]
): void {
  let error: unknown;
  try {
    body();
  } catch (caught) {
    error = caught;
  }
  expectLamellaError(error, kind, parts);
}

/** As `expectError`, of a promise; gives the error. */
export async function expectRejection(
  body: () => Promise<unknown>,
  kind: ErrorClass,
  ...parts: readonly string[]
): Promise<Error> {
  const error = await rejection(body);
  expectLamellaError(error, kind, parts);
  return error as Error;
}

/** Numbers from -1 to 1 that look random and are the same every time. */
export function numbers(count: number, seed = 1): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >> 8) / 2 ** 23;
  });
}

/** A tensor of such numbers. */
export function noise(shape: Shape, seed = 1): Tensor {
  return tensor(
    numbers(
      shape.reduce((product, dim) => product * dim, 1),
      seed,
    ),
    shape,
  );
}

/** The elements as plain numbers, which Jest prints well. */
export function values(t: Tensor): number[] {
  return Array.from(t.view());
}

/** All parameter values of a layer, copied. */
export function paramValues(layer: Layer): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(layer.params).map(([name, { value }]) => [name, values(value)]),
  );
}

/**
 * Runs a module in a Node process of its own, where 'lamella' is not loaded yet.
 * @returns What it passes to `report`, which is there for it to call.
 */
export async function runInNode(source: string, flags: readonly string[] = []): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...flags,
      '--input-type=module',
      '--eval',
      `const report = (value) => console.log('report:' + JSON.stringify(value));\n${source}`,
    ],
    { cwd: root, env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const line = stdout.split('\n').findLast((text) => text.startsWith('report:'));
  if (line === undefined) throw new Error(`no report in: ${stdout}`);
  return JSON.parse(line.slice('report:'.length));
}

/** A layer class and what it should look like. */
export interface LayerCase {
  readonly type: string;
  /** With all arguments left out that may be. */
  readonly make: (options?: { inputShape?: Shape }) => Layer;
  /** `getConfig()` before `build()`. */
  readonly config: Config;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** The entries that `getConfig()` gains by `build(inputShape)`. */
  readonly built?: Config;
  readonly params?: Record<string, Shape>;
  readonly state?: Record<string, Shape>;
}

const namedCases: readonly LayerCase[] = [
  {
    type: 'Dense',
    make: (options) => new Dense(4, options),
    config: { outputSize: 4, initialization: 'auto', noBias: false },
    inputShape: [3],
    outputShape: [4],
    built: { inputSize: 3 },
    params: { weights: [3, 4], biases: [1, 4] },
  },
  {
    type: 'Convolutional',
    make: (options) => new Convolutional(4, 3, options),
    config: {
      outputDepth: 4,
      kernelSize: 3,
      initialization: 'auto',
      noBias: false,
      padding: 'valid',
      stride: 1,
    },
    inputShape: [2, 6, 5],
    outputShape: [4, 4, 3],
    built: { inputShape: [2, 6, 5] },
    params: { kernels: [4, 2, 3, 3], biases: [4] },
  },
  {
    type: 'BatchNormalization',
    make: (options) => new BatchNormalization(options),
    config: { momentum: 0.9, epsilon: 1e-8 },
    inputShape: [3],
    outputShape: [3],
    params: { gamma: [1, 3], beta: [1, 3] },
    state: { cache_m: [1, 3], cache_v: [1, 3] },
  },
  {
    type: 'BatchNormalization2D',
    make: (options) => new BatchNormalization2D(options),
    config: { momentum: 0.9, epsilon: 1e-8 },
    inputShape: [3, 4, 5],
    outputShape: [3, 4, 5],
    params: { gamma: [1, 3, 1, 1], beta: [1, 3, 1, 1] },
    state: { cache_m: [1, 3, 1, 1], cache_v: [1, 3, 1, 1] },
  },
  {
    type: 'MaxPooling2D',
    make: (options) => new MaxPooling2D(undefined, options),
    config: { poolSize: 2, stride: 2 },
    inputShape: [3, 4, 5],
    outputShape: [3, 2, 2],
  },
  {
    type: 'AveragePooling2D',
    make: (options) => new AveragePooling2D(undefined, options),
    config: { poolSize: 2, stride: 2 },
    inputShape: [3, 4, 5],
    outputShape: [3, 2, 2],
  },
  {
    type: 'Flatten',
    make: (options) => new Flatten(options),
    config: {},
    inputShape: [3, 4, 5],
    outputShape: [60],
  },
  {
    type: 'Dropout',
    make: (options) => new Dropout(undefined, options),
    config: { probability: 0.5 },
    inputShape: [3, 4],
    outputShape: [3, 4],
  },
  {
    type: 'GlobalAveragePooling2D',
    make: (options) => new GlobalAveragePooling2D(options),
    config: {},
    inputShape: [3, 4, 5],
    outputShape: [3],
  },
  {
    type: 'Reshape',
    make: (options) => new Reshape([4, 3], options),
    config: { targetShape: [4, 3] },
    inputShape: [2, 6],
    outputShape: [4, 3],
  },
  {
    type: 'LayerNormalization',
    make: (options) => new LayerNormalization(options),
    config: { epsilon: 1e-5 },
    inputShape: [3, 4],
    outputShape: [3, 4],
    params: { gamma: [1, 3, 4], beta: [1, 3, 4] },
  },
];

/** Arguments, with their defaults, of layers that work on one number after the other. */
const elementwise: Readonly<Record<string, Config>> = {
  PReLU: { alpha: 0.01 },
  LeakyReLU: { alpha: 0.01 },
  Softmax: { temperature: 1 },
};

/**
 * Every layer class of the package but Residual, which is made of others. Those that are not named
 * above take vectors and no arguments.
 */
export const layerCases: readonly LayerCase[] = [
  ...namedCases,
  ...layerClasses
    .filter(({ type }) => type !== 'Residual' && !namedCases.some((named) => named.type === type))
    .map((Class) => ({
      type: Class.type,
      make: (options?: { inputShape?: Shape }) =>
        new (Class as new (options?: { inputShape?: Shape }) => Layer)(options),
      config: elementwise[Class.type] ?? {},
      inputShape: [5],
      outputShape: [5],
    })),
];

/** A batch of three samples. (Of two, batch normalization would make all the same.) */
export function batchOf(sample: Shape, seed?: number): Tensor {
  return noise([3, ...sample], seed);
}

/** The shapes of named tensors. */
export function shapesOf(tensors: Record<string, Tensor>): Record<string, Shape> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
}

/** Points in the plane, of class 0 left of the line x = 2 y and 1 right of it, with a gap. */
export function separable(count: number, seed = 1): { x: Tensor; y: Tensor; labels: number[] } {
  const raw = numbers(4 * count, seed);
  const points: number[] = [];
  const labels: number[] = [];
  for (let i = 0; labels.length < count; i = (i + 2) % raw.length) {
    const [a, b] = [raw[i] as number, raw[i + 1] as number];
    if (Math.abs(a - 2 * b) < 0.1) continue;
    points.push(a, b);
    labels.push(a > 2 * b ? 1 : 0);
  }
  return { x: tensor(points, [count, 2]), y: oneHot(labels, 2), labels };
}
