// Every class of the package through all that goes by its card, so that no place is forgotten: files,
// ONNX, the worker, the page's list of layers and the reference.
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as lamella from 'lamella';
import {
  exportOnnx,
  init,
  Layer,
  layerClasses,
  layerFromConfig,
  layerToConfig,
  loadCheckpoint,
  loadNpz,
  loadSafetensors,
  lossFromConfig,
  Model,
  MSE,
  optimizerFromConfig,
  saveCheckpoint,
  saveNpz,
  saveSafetensors,
  scheduleFromConfig,
  SGD,
} from 'lamella';
import { env, InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-web';
import { describeClasses, describeLayers, layersPage } from '../../scripts/reference.mjs';
import { noise, values } from './support.js';
import { useClient } from './use-client.js';

const shared = useClient();
beforeAll(async () => {
  await init();
  // Threads would outlive the tests.
  env.wasm.numThreads = 1;
  // As demo/vite.config.ts defines it.
  globalThis.__LAYER_TYPES__ = layerClasses.map(({ type }) => type);
});

/** The arguments that cannot be left out. */
const required = {
  Dense: { outputSize: 3 },
  Convolutional: { outputDepth: 3, kernelSize: 3 },
  Reshape: { targetShape: [4, 12] },
  Residual: { layers: [{ type: 'Convolutional', outputDepth: 4, kernelSize: 1 }] },
  StepDecay: { initial: 0.1, every: 2 },
  CosineDecay: { initial: 0.1, steps: 5 },
  WarmUp: { steps: 2, schedule: { type: 'CosineDecay', initial: 0.1, steps: 5 } },
};

const configOf = (type) => ({ type, ...required[type] });

/** A sample's shape that a layer takes: that of images or of vectors. */
function shapeFor(type) {
  for (const shape of [[4, 4, 3], [5]]) {
    const layer = layerFromConfig(configOf(type));
    try {
      layer.build(shape);
      return shape;
    } catch (error) {
      if (!(error instanceof lamella.ShapeError)) throw error;
    } finally {
      layer.dispose();
    }
  }
  throw new Error(`${type}: takes neither images nor vectors`);
}

const makeModel = (type, seed) =>
  new Model([layerFromConfig(configOf(type))], {
    loss: new MSE(),
    optimizer: new SGD({ learningRate: 0.01, momentum: 0.9 }),
    inputShape: shapeFor(type),
    seed,
  });

/** A model of one layer that has been trained a little, and what it is trained on. */
async function trained(type) {
  const model = makeModel(type, 1);
  const x = noise([6, ...model.inputShape], 1);
  const y = noise([6, ...model.outputShape], 2);
  await model.train(x, y, { epochs: 1, batchSize: 3 });
  return { model, x, y };
}

const exportedClasses = (base) =>
  Object.entries(lamella).filter(([, value]) => Object(value).prototype instanceof lamella[base]);

describe.each([
  ['Layer', layerFromConfig, 20],
  ['Loss', lossFromConfig, 5],
  ['Optimizer', optimizerFromConfig, 4],
  ['Schedule', scheduleFromConfig, 3],
  ['Metric', undefined, 8],
])('every %s', (base, fromConfig, least) => {
  test('says its own type, under which it is exported and made', () => {
    const all = exportedClasses(base);
    expect(all.length).toBeGreaterThanOrEqual(least);
    for (const [name, Class] of all) {
      expect(Object.hasOwn(Class, 'type') && Class.type).toBe(name);
      if (!fromConfig) continue;
      const made = fromConfig(configOf(name));
      expect(made.constructor).toBe(Class);
      const again = fromConfig({ type: name, ...made.getConfig() });
      expect(again.getConfig()).toEqual(made.getConfig());
      if (base !== 'Schedule') expect(made.type).toBe(name);
    }
  });
});

test('the list has every layer class once', () => {
  const names = layerClasses.map(({ type }) => type);
  expect(new Set(names).size).toBe(names.length);
  expect(
    exportedClasses('Layer')
      .map(([name]) => name)
      .sort(),
  ).toEqual([...names].sort());
});

test('no two layers take the same name of Keras', () => {
  const names = layerClasses.flatMap(({ keras = {} }) => Object.keys(keras));
  expect(names.length).toBeGreaterThan(20);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(layerClasses.map(({ type }) => type))('%s', (type) => {
  const predicted = (model, x) => values(model.predict(x));

  test('comes back from .npz, with arguments in snake case', async () => {
    const { model, x } = await trained(type);
    const again = await loadNpz(await saveNpz(model));
    const withShape = { ...layerToConfig(model.layers[0]), inputShape: [...model.inputShape] };
    expect({ inputShape: [...model.inputShape], ...layerToConfig(again.layers[0]) }).toEqual(
      withShape,
    );
    expect(predicted(again, x)).toEqual(predicted(model, x));
  });

  test('comes back from a checkpoint and trains on to the same bits', async () => {
    const { model, x, y } = await trained(type);
    const again = await loadCheckpoint(await saveCheckpoint(model));
    for (const each of [model, again]) await each.train(x, y, { epochs: 2, batchSize: 4 });
    expect(layerToConfig(again.layers[0])).toEqual(layerToConfig(model.layers[0]));
    expect(predicted(again, x)).toEqual(predicted(model, x));
  });

  test('comes back from .safetensors', async () => {
    const { model, x } = await trained(type);
    const again = makeModel(type, 2);
    await loadSafetensors(again, await saveSafetensors(model));
    expect(predicted(again, x)).toEqual(predicted(model, x));
  });

  test('predicts the same in ONNX Runtime', async () => {
    const { model, x } = await trained(type);
    const session = await InferenceSession.create(await exportOnnx(model), {
      executionProviders: ['wasm'],
    });
    const { output } = await session.run({
      input: new OnnxTensor('float32', x.toArray(), x.shape),
    });
    await session.release();
    const ours = predicted(model, x);
    expect(output.dims).toEqual([6, ...model.outputShape]);
    const worst = Math.max(...ours.map((value, i) => Math.abs(value - output.data[i])));
    expect(worst).toBeLessThan(1e-4);
  });

  test('is described to a worker', async () => {
    const model = makeModel(type, 1);
    const x = noise([2, ...model.inputShape], 3);
    const remote = await shared.client.model([configOf(type)], {
      loss: { type: 'MSE' },
      seed: 1,
      inputShape: model.inputShape,
    });
    const { data, shape } = await remote.predict(x.toArray().length ? x.toNestedArray() : []);
    expect(shape).toEqual([2, ...model.outputShape]);
    expect(Array.from(data)).toEqual(predicted(model, x));
    remote.dispose();
  });

  test('is offered by the page, with settings that it takes', async () => {
    const { createLayer, isLayer, kindOf } = await import('../../demo/src/layer-kinds.ts');
    const kind = kindOf(type);
    // The loss of every network there includes it.
    if (type === 'Softmax') return expect(kind).toBeUndefined();
    const config = createLayer(kind);
    expect(isLayer(config)).toBe(true);
    layerFromConfig(config).dispose();
  });
});

describe('the reference', () => {
  const described = describeLayers();

  test('has a section for each layer', () => {
    const titles = Array.from(layersPage().matchAll(/^## (\w+)$/gm), ([, title]) => title);
    expect(titles).toEqual(layerClasses.map(({ type }) => type));
  });

  test.each(described)('of $type says what the engine does', ({ type, text, arguments: all }) => {
    expect(text.length).toBeGreaterThan(10);
    const isRequired = all.filter(({ isOptional }) => !isOptional).map(({ name }) => name);
    expect(isRequired).toEqual(Object.keys(required[type] ?? {}));
    const config = layerFromConfig(configOf(type)).getConfig();
    const names = all.map(({ name }) => name);
    expect(Object.keys(config).filter((name) => name !== 'type' && !names.includes(name))).toEqual(
      [],
    );
    for (const { name, text: words, isOptional } of all) {
      expect(words.length).toBeGreaterThan(10);
      if (!isOptional || name === 'inputShape') continue;
      expect(`${name}: ${words}`).toMatch(/default/i);
      const [, literal] = /Default ([\d.e-]*\d|true|false)/.exec(words) ?? [];
      if (literal !== undefined && name in config) expect(config[name]).toBe(JSON.parse(literal));
    }
  });
});

test.each([
  ['losses.ts', 'Loss', lossFromConfig],
  ['optimizers.ts', 'Optimizer', optimizerFromConfig],
  ['schedules.ts', 'Schedule', scheduleFromConfig],
])('%s tell the defaults that the engine has', (source, base, fromConfig) => {
  const classes = exportedClasses(base).map(([, Class]) => Class);
  const compared = describeClasses(source, classes).flatMap(({ type, arguments: all }) => {
    const config = fromConfig(configOf(type)).getConfig();
    return all.flatMap(({ name, text }) => {
      const [, literal] = /Default ([\d.e-]*\d|true|false)/.exec(text) ?? [];
      if (literal === undefined || !(name in config)) return [];
      expect([type, name, config[name]]).toEqual([type, name, JSON.parse(literal)]);
      return [name];
    });
  });
  expect(compared.length).toBeGreaterThan(0);
});

test('a class without a type is refused where it is registered', () => {
  class Own extends Layer {}
  expect(() => lamella.registerLayer(Own)).toThrow(
    "registerLayer: Own needs a static type, such as 'Own'",
  );
  expect(() => lamella.registerLayer(lamella.Dense)).toThrow("'Dense' is the name of a built-in");
});
