// Properties of every layer class.
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as lamella from 'lamella';
import {
  ArgumentTypeError,
  init,
  type Layer,
  type LayerConfig,
  layerFromConfig,
  layerToConfig,
  MSE,
  ShapeError,
  StateError,
  type Tensor,
  ValueError,
  zeros,
} from 'lamella';
import {
  batchOf,
  expectError,
  layerCases,
  noise,
  paramValues,
  shapesOf,
  values,
} from './support.js';

beforeAll(() => init());

test('the cases are all the layer classes there are', () => {
  const classes = Object.entries(lamella)
    .filter(
      ([name, value]) =>
        !['Layer', 'Residual'].includes(name) &&
        typeof value === 'function' &&
        value.prototype instanceof lamella.Layer,
    )
    .map(([name]) => name);
  expect(layerCases.map(({ type }) => type).sort()).toEqual(classes.sort());
});

describe.each(layerCases)('$type', (layerCase) => {
  const { type, make, config, inputShape, outputShape, built = {} } = layerCase;
  const { params = {}, state = {} } = layerCase;
  const hasParams = Object.keys(params).length > 0;
  const hasState = Object.keys(state).length > 0;

  const makeBuilt = (): Layer => {
    const layer = make();
    layer.build(inputShape);
    return layer;
  };

  test('has the specified defaults', () => {
    const layer = make();
    expect(layer.type).toBe(type);
    expect(layer.getConfig()).toEqual({ type, ...config });
    expect(layerToConfig(layer)).toEqual({ type, ...config });
    for (const [name, value] of Object.entries(config)) {
      // Two attributes say what follows from the argument, not the argument.
      if (name === 'padding') continue;
      expect((layer as unknown as Record<string, unknown>)[name]).toEqual(value);
    }
  });

  test('knows its shapes once built', () => {
    const layer = makeBuilt();
    const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
    expect(layer.inputShape).toEqual(inputShape);
    expect(layer.outputShape).toEqual(outputShape);
    expect(layer.inputSize).toBe(product(inputShape));
    expect(layer.outputSize).toBe(product(outputShape));
    expect(shapesOf(paramTensors(layer))).toEqual(params);
    expect(shapesOf(layer.state)).toEqual(state);
    for (const { value, gradient } of Object.values(layer.params)) {
      expect(gradient.shape).toEqual(value.shape);
      expect(values(gradient)).toEqual(new Array(value.size).fill(0));
    }
  });

  test('is built at once when given its input shape', () => {
    const layer = make({ inputShape });
    expect(layer.outputShape).toEqual(outputShape);
    expect(layer.getConfig()).toMatchObject({ ...config, ...built });
    layer.build(inputShape);
    const other = inputShape.map((dim) => dim + 1);
    expectError(
      () => {
        layer.build(other);
      },
      ShapeError,
      type,
      `[${inputShape.join(', ')}]`,
    );
    expect(layer.inputShape).toEqual(inputShape);
  });

  test('does not know its shapes before build()', () => {
    const layer = make();
    for (const what of ['inputShape', 'outputShape', 'inputSize'] as const) {
      expectError(() => layer[what], StateError, `${type}: `, 'build()');
    }
    if (hasParams) expectError(() => layer.params, StateError, `${type}: params`, 'build()');
    else expect(layer.params).toEqual({});
    if (hasState) expectError(() => layer.state, StateError, `${type}: state`, 'build()');
    else expect(layer.state).toEqual({});
  });

  test('runs before build() exactly when it has no parameters', () => {
    const layer = make();
    const run = (): Tensor => layer.forward(batchOf(inputShape));
    if (hasParams) expectError(run, StateError, `${type}: not built`, 'build(inputShape)');
    else expect(run().shape).toEqual([3, ...outputShape]);
  });

  test('passes forward and backward, keeping input and output', () => {
    const layer = makeBuilt();
    expect(layer.input).toBeUndefined();
    expect(layer.output).toBeUndefined();
    const input = batchOf(inputShape);
    const output = layer.forward(input);
    expect(output.shape).toEqual([3, ...outputShape]);
    expect(values(layer.input as Tensor)).toEqual(values(input));
    expect(values(layer.output as Tensor)).toEqual(values(output));
    const gradient = layer.backward(batchOf(outputShape, 2));
    expect(gradient.shape).toEqual([3, ...inputShape]);
    expect(values(gradient).some((value) => value !== 0)).toBe(true);
  });

  test('never overwrites what it handed out', () => {
    const layer = makeBuilt();
    const output = layer.forward(batchOf(inputShape, 1));
    const gradient = layer.backward(batchOf(outputShape, 2));
    const kept = [output, gradient, layer.output as Tensor, layer.input as Tensor];
    const copies = kept.map(values);
    for (let seed = 3; seed < 6; seed++) {
      layer.forward(batchOf(inputShape, seed), seed % 2 === 0);
      layer.backward(batchOf(outputShape, seed + 10));
    }
    layer.dispose();
    expect(kept.map(values)).toEqual(copies);
  });

  test('does not touch what it is given', () => {
    const layer = makeBuilt();
    const input = batchOf(inputShape);
    const gradient = batchOf(outputShape, 2);
    const before = [values(input), values(gradient)];
    layer.forward(input);
    layer.backward(gradient);
    expect([values(input), values(gradient)]).toEqual(before);
  });

  test('takes batches of changing size', () => {
    const layer = makeBuilt();
    const whole = noise([5, ...inputShape]);
    const size = layer.inputSize;
    const all = values(layer.forward(whole, false));
    for (const count of [1, 5, 2]) {
      const part = zeros([count, ...inputShape]);
      part.set(whole.toArray().subarray(0, count * size));
      // In inference every sample stands for itself.
      expect(values(layer.forward(part, false))).toEqual(all.slice(0, count * layer.outputSize));
    }
  });

  test('refuses inputs of another shape and stays as it is', () => {
    const layer = makeBuilt();
    const input = batchOf(inputShape);
    const expected = values(layer.forward(input, false));
    const wrong = [
      [3, ...inputShape.map((dim, i) => (i === 0 ? dim + 1 : dim))],
      [3, ...inputShape, 1],
      inputShape,
      [0, ...inputShape],
      [7],
      [],
    ];
    for (const shape of wrong) {
      const bad = zeros(shape);
      expectError(() => layer.forward(bad), ShapeError, `${type}: `, `[${shape.join(', ')}]`);
    }
    expect(layer.backward(batchOf(outputShape)).shape).toEqual([3, ...inputShape]);
    expect(values(layer.forward(input, false))).toEqual(expected);
  });

  test('refuses output gradients of another shape', () => {
    const layer = makeBuilt();
    layer.forward(batchOf(inputShape));
    for (const shape of [[4, ...outputShape], outputShape, [3, ...outputShape, 1], [2, 99], []]) {
      expectError(
        () => layer.backward(zeros(shape)),
        ShapeError,
        `${type}: output gradient`,
        `[3, ${outputShape.join(', ')}]`,
        `got [${shape.join(', ')}]`,
      );
    }
  });

  test('refuses backward() before forward()', () => {
    const layer = makeBuilt();
    expectError(() => layer.backward(batchOf(outputShape)), StateError, type, 'forward()');
  });

  test('takes tensors and nothing else', () => {
    const layer = makeBuilt();
    for (const wrong of [
      [[1, 2, 3]],
      5,
      undefined,
      null,
      'x',
      layer,
      new MSE(),
      new Float32Array(6),
    ]) {
      const bad = wrong as unknown as Tensor;
      expectError(() => layer.forward(bad), ArgumentTypeError, `${type}: input must be a Tensor`);
      expectError(() => layer.backward(bad), ArgumentTypeError, `${type}: output gradient must be`);
    }
  });

  test.each<[string, unknown]>([
    ['not a list', '5'],
    ['of strings', ['a']],
    ['a typed array', Uint32Array.of(3)],
    ['missing', undefined],
  ])('refuses to be built for a shape that is %s', (_, shape) => {
    expectError(
      () => {
        make().build(shape as number[]);
      },
      ArgumentTypeError,
      `${type}: inputShape`,
    );
  });

  test.each([[[-1]], [[1.5, 2, 2]], [[NaN]], [[1, Infinity, 1]]])(
    'refuses to be built for %p',
    (shape) => {
      const layer = make();
      expectError(
        () => {
          layer.build(shape);
        },
        ValueError,
        `${type}: inputShape[`,
      );
      expectError(() => layer.inputShape, StateError);
    },
  );

  test('refuses to be built for a shape that holds a 0', () => {
    const shape = inputShape.map((dim, i) => (i === inputShape.length - 1 ? 0 : dim));
    expectError(
      () => {
        make().build(shape);
      },
      ShapeError,
      type,
      `[${shape.join(', ')}]`,
    );
    expectError(() => make({ inputShape: shape }), ValueError, `${type}: inputShape`);
  });

  test('stays as it was when it cannot be built for another shape', () => {
    const layer = makeBuilt();
    const before = paramValues(layer);
    expectError(
      () => {
        layer.build([3, 0]);
      },
      ShapeError,
      type,
    );
    expect(layer.outputShape).toEqual(outputShape);
    expect(paramValues(layer)).toEqual(before);
    expect(layer.forward(batchOf(inputShape)).shape).toEqual([3, ...outputShape]);
  });

  test('says what it is', () => {
    expectError(
      () => make({ ...({ colour: 'red' } as object) }),
      ValueError,
      `${type}: unknown option 'colour'; known are: `,
    );
    expectError(
      () => make({ ...({ inputshape: [2] } as object) }),
      ValueError,
      "unknown option 'inputshape'; known are: ",
      "; did you mean 'inputShape'?",
    );
  });

  test('comes back from its configuration', () => {
    const layer = makeBuilt();
    for (const { value } of Object.values(layer.params)) value.set(noise(value.shape, 3).view());
    const input = batchOf(inputShape);
    layer.forward(input);
    expect(layer.getConfig()).toEqual(layerToConfig(layer));
    const again = layerFromConfig(JSON.parse(JSON.stringify(layer.getConfig())) as LayerConfig);
    expect(again).toBeInstanceOf(layer.constructor);
    again.build(inputShape);
    expect(layerToConfig(again)).toEqual(layerToConfig(layer));
    again.loadParams(paramTensors(layer));
    again.state = layer.state;
    expect(values(again.forward(input, false))).toEqual(values(layer.forward(input, false)));
  });

  test('has live params: writing through them changes the layer', () => {
    const layer = makeBuilt();
    const input = batchOf(inputShape);
    const before = values(layer.forward(input, false));
    for (const name of Object.keys(params)) {
      const { value } = layer.params[name] as { value: Tensor };
      const property = (layer as unknown as Record<string, Tensor>)[name] as Tensor;
      value.view().fill(3);
      expect(values(property)).toEqual(new Array(value.size).fill(3));
      property.view()[0] = 4;
      expect(value.view()[0]).toBe(4);
    }
    const after = values(layer.forward(input, false));
    if (hasParams) expect(after).not.toEqual(before);
    else expect(after).toEqual(before);
  });

  test('has live gradients', () => {
    const layer = makeBuilt();
    const held = layer.params;
    layer.forward(batchOf(inputShape));
    layer.backward(batchOf(outputShape, 2));
    for (const [name, { gradient }] of Object.entries(held)) {
      expect(values(gradient).some((value) => value !== 0)).toBe(true);
      expect(values(gradient)).toEqual(values(layer.params[name]?.gradient as Tensor));
    }
  });

  test('loads params all or none', () => {
    const layer = makeBuilt();
    const before = paramValues(layer);
    const fitting = Object.fromEntries(
      Object.entries(params).map(([name, shape]) => [name, noise(shape, 9)]),
    );
    expectError(
      () => {
        layer.loadParams({ ...fitting, other: [1] });
      },
      ValueError,
      `${type}: unknown parameter 'other'; known are: `,
      Object.keys(params).join(', ') || 'none',
    );
    for (const [name, shape] of Object.entries(params)) {
      const size = shape.reduce((a, b) => a * b, 1);
      for (const wrong of [
        new Float32Array(size + 1),
        zeros([1, 1, size]),
        zeros([...shape, 1]),
        zeros(shape.map((dim) => dim + 1)),
      ]) {
        expectError(
          () => {
            layer.loadParams({ ...fitting, [name]: wrong });
          },
          ShapeError,
          `${type}: parameter '${name}' has shape [${shape.join(', ')}], got [`,
        );
      }
      for (const wrong of [5, 'x', null, [[1, 'x']]]) {
        expectError(
          () => {
            layer.loadParams({ ...fitting, [name]: wrong as unknown as number[] });
          },
          ArgumentTypeError,
          `${type}: parameter '${name}'`,
        );
      }
    }
    expect(paramValues(layer)).toEqual(before);
    layer.loadParams(fitting);
    for (const [name, wanted] of Object.entries(fitting)) {
      expect(paramValues(layer)[name]).toEqual(values(wanted));
    }
  });

  test.each([undefined, null, 5, 'x'])('loads no params from %p', (wrong) => {
    const layer = makeBuilt();
    const bad = wrong as unknown as Record<string, Tensor>;
    expectError(
      () => {
        layer.loadParams(bad);
      },
      ArgumentTypeError,
      `${type}: parameter`,
    );
    expectError(
      () => {
        layer.state = bad;
      },
      ArgumentTypeError,
      `${type}: state`,
    );
  });

  test('takes its state back, all or none', () => {
    const layer = makeBuilt();
    layer.forward(batchOf(inputShape));
    const before = Object.fromEntries(
      Object.entries(layer.state).map(([name, value]) => [name, value.toNestedArray()]),
    );
    const next = Object.fromEntries(
      Object.entries(state).map(([name, shape]) => [name, zeros(shape)]),
    );
    expectError(
      () => {
        layer.state = { ...next, other: [1] };
      },
      ValueError,
      `${type}: unknown state 'other'`,
    );
    for (const name of Object.keys(state)) {
      expectError(
        () => {
          layer.state = { ...next, [name]: [1] };
        },
        ShapeError,
        `${type}: state '${name}'`,
      );
    }
    const now = (): unknown =>
      Object.fromEntries(
        Object.entries(layer.state).map(([name, value]) => [name, value.toNestedArray()]),
      );
    expect(now()).toEqual(before);
    layer.state = next;
    for (const value of Object.values(layer.state)) {
      expect(values(value)).toEqual(new Array(value.size).fill(0));
    }
    layer.state = before;
    expect(now()).toEqual(before);
  });

  test.each<[string, (layer: Layer) => unknown]>([
    ['inputShape', (layer) => layer.inputShape],
    ['outputShape', (layer) => layer.outputShape],
    ['inputSize', (layer) => layer.inputSize],
    ['outputSize', (layer) => layer.outputSize],
    ['input', (layer) => layer.input],
    ['output', (layer) => layer.output],
    [
      'build',
      (layer) => {
        layer.build(inputShape);
      },
    ],
    ['forward', (layer) => layer.forward(batchOf(inputShape))],
    ['backward', (layer) => layer.backward(batchOf(outputShape))],
    ['params', (layer) => layer.params],
    [
      'loadParams',
      (layer) => {
        layer.loadParams({});
      },
    ],
    ['state', (layer) => layer.state],
    [
      'setting state',
      (layer) => {
        layer.state = {};
      },
    ],
    ['getConfig', (layer) => layer.getConfig()],
    ['a Model', (layer) => new lamella.Model([layer])],
  ])('is a StateError after dispose(): %s', (_, use) => {
    const layer = makeBuilt();
    layer.forward(batchOf(inputShape));
    layer.dispose();
    layer.dispose();
    expectError(() => use(layer), StateError, `${type}: used after dispose()`);
  });

  test('refuses disposed tensors', () => {
    const layer = makeBuilt();
    const gone = batchOf(inputShape);
    gone.dispose();
    expectError(() => layer.forward(gone), StateError, 'Tensor: used after dispose()');
  });
});

function paramTensors(layer: Layer): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(layer.params).map(([name, { value }]) => [name, value]));
}

describe('layerFromConfig', () => {
  test('refuses unknown classes and settings', () => {
    const make = (config: unknown) => () => layerFromConfig(config as LayerConfig);
    expectError(
      make({ type: 'Dens' }),
      ValueError,
      "unknown layer type 'Dens'",
      "did you mean 'Dense'",
    );
    expectError(make({ type: 'toString' }), ValueError, "'toString'");
    expectError(make({ type: 'Dense', outputSize: 2, size: 3 }), ValueError, "'size'");
    expectError(make({ type: 'Dense' }), ArgumentTypeError, 'Dense: outputSize is required');
  });

  test.each([undefined, null, 5, {}, { type: 5 }, { type: Symbol('Dense') }, []])(
    'refuses %p',
    (config) => {
      expectError(
        () => layerFromConfig(config as LayerConfig),
        ArgumentTypeError,
        'layerFromConfig: type',
      );
    },
  );
});
