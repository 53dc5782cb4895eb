import { beforeAll, describe, expect, test } from '@jest/globals';
import * as lamella from 'lamella';
import {
  ArgumentTypeError,
  Convolutional,
  init,
  LamellaError,
  runtimeInfo,
  StateError,
  zeros,
} from 'lamella';
import { rejection, runInNode } from './support.js';

// A function that returns f32x4.relaxed_madd of three zero vectors.
const relaxedModule = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 17,
  65, 0, 253, 17, 65, 0, 253, 17, 253, 133, 2, 11,
]);
const hasRelaxed = WebAssembly.validate(relaxedModule);
const relaxedFlags = hasRelaxed ? [] : ['--experimental-wasm-relaxed-simd'];

const describeError = `
  const caught = async (body) => {
    try {
      await body();
      return 'nothing was thrown';
    } catch (error) {
      return error.name + ': ' + error.message;
    }
  };`;

describe('before init', () => {
  let before: Record<string, string>;

  beforeAll(async () => {
    before = (await runInNode(`${describeError}
      import * as lamella from 'lamella';
      const uses = {
        runtimeInfo: () => lamella.runtimeInfo(),
        allocationCount: () => lamella.allocationCount(),
        tensor: () => lamella.tensor([1, 2]),
        zeros: () => lamella.zeros([2]),
        oneHot: () => lamella.oneHot([1], 2),
        layerFromConfig: () => lamella.layerFromConfig({ type: 'Dense', outputSize: 3 }),
        ...Object.fromEntries(
          lamella.layerClasses.map((Layer) => [Layer.type, () => new Layer()]),
        ),
        Dense: () => new lamella.Dense(3),
        Convolutional: () => new lamella.Convolutional(8, 3),
        Reshape: () => new lamella.Reshape([1]),
        Residual: () => new lamella.Residual([]),
        MSE: () => new lamella.MSE(),
        Huber: () => new lamella.Huber(),
        SparseCategoricalCrossEntropy: () => new lamella.SparseCategoricalCrossEntropy(),
        BinaryCrossEntropy: () => new lamella.BinaryCrossEntropy(),
        CategoricalCrossEntropy: () => new lamella.CategoricalCrossEntropy(),
        SGD: () => new lamella.SGD(),
        RMSprop: () => new lamella.RMSprop(),
        Adam: () => new lamella.Adam(),
        AdamW: () => new lamella.AdamW(),
        Model: () => new lamella.Model([]),
      };
      const messages = {};
      for (const [name, use] of Object.entries(uses)) messages[name] = await caught(use);
      report(messages);`)) as Record<string, string>;
  });

  test('every use is a StateError that names itself and init()', () => {
    const { oneHot, layerFromConfig, ...named } = before;
    for (const [name, message] of Object.entries(named)) {
      expect(message).toBe(`StateError: ${name}: call await init() first`);
    }
    expect(layerFromConfig).toBe('StateError: Dense: call await init() first');
    expect(oneHot).toMatch(/^StateError: \w+: call await init\(\) first$/);
  });

  test('no concrete class was forgotten', () => {
    const abstract = ['Layer', 'Loss', 'Optimizer', 'LamellaError', 'Tensor', 'Metric', 'Schedule'];
    // A class that has nothing in WebAssembly needs no engine.
    const plain = [lamella.Metric, lamella.Schedule];
    const classes = Object.entries(lamella)
      .filter(([name, value]) => typeof value === 'function' && /^[A-Z]/.test(name))
      .filter(
        ([, value]) => !plain.some((each) => (value as typeof each).prototype instanceof each),
      )
      .map(([name]) => name)
      .filter((name) => !abstract.includes(name) && !/(Error|Dataset)$/.test(name));
    expect(Object.keys(before)).toEqual(expect.arrayContaining(classes));
  });
});

test('every class keeps its name in the bundle', () => {
  const classes = Object.entries(lamella).filter(([name]) => /^[A-Z]/.test(name));
  expect(classes.length).toBeGreaterThan(50);
  for (const [name, value] of classes) expect((value as { name?: string }).name).toBe(name);
});

describe('init', () => {
  test('runs once, also when called again while loading', async () => {
    const [first, second] = await Promise.all([init(), init()]);
    expect(second).toBe(first);
    expect(await init()).toBe(first);
    expect(runtimeInfo()).toBe(first);
  });

  test('takes what is loaded already when asked for by name', async () => {
    const { variant } = await init();
    expect(await init({ variant })).toBe(await init());
  });

  test('takes the fastest variant that runs here and says why', async () => {
    const { variant, reason } = await init();
    expect(variant).toBe(hasRelaxed ? 'relaxed' : 'simd');
    expect(reason).toContain(hasRelaxed ? 'fastest' : 'lacks relaxed SIMD');
  });

  test('refuses another variant once one is loaded', async () => {
    const { variant } = await init();
    const other = variant === 'simd' ? 'relaxed' : 'simd';
    const error = await rejection(() => init({ variant: other }));
    expect(error).toBeInstanceOf(StateError);
    expect((error as Error).message).toContain(`'${variant}' is loaded already`);
  });

  test.each(['bogus', 5, ''])('refuses the variant %p', async (variant) => {
    await init();
    const error = await rejection(() => init({ variant: variant as 'simd' }));
    expect(error).toBeInstanceOf(ArgumentTypeError);
    expect((error as Error).message).toContain(
      "variant must be 'auto', 'simd', 'relaxed', 'threads'",
    );
    expect((error as Error).message).toContain(String(variant));
  });

  test.each<[unknown, string]>([
    [{ variants: 'simd' }, "unknown option 'variants'"],
    [{ winograd: 'no' }, 'winograd must be true or false'],
    [null, 'options must be an object'],
    ['simd', 'options must be an object'],
  ])('refuses %p', async (options, part) => {
    const error = await rejection(() => init(options as { variant: 'simd' }));
    expect(error).toBeInstanceOf(LamellaError);
    expect((error as Error).message).toContain(part);
  });

  test('switches Winograd’s transforms, which spread what is not finite', async () => {
    const layer = new Convolutional(8, 3, { inputShape: [8, 16, 16], padding: 'same' });
    const x = zeros([1, 8, 16, 16]);
    x.view()[8 * 16 + 8] = NaN;
    const spread = (): number => layer.forward(x).toArray().filter(Number.isNaN).length;
    try {
      expect(spread()).toBeGreaterThan(9 * 8);
      await init({ winograd: false });
      expect(spread()).toBe(9 * 8);
      await init();
      expect(spread()).toBe(9 * 8);
    } finally {
      await init({ winograd: true });
    }
    expect(spread()).toBeGreaterThan(9 * 8);
  });

  test('a failure does not stand in the way of another try', async () => {
    const results = await runInNode(`${describeError}
      import { init, zeros } from 'lamella';
      const { validate } = WebAssembly;
      const wrong = await caught(() => init({ variant: 'bogus' }));
      WebAssembly.validate = () => false;
      const unsupported = await caught(() => init());
      WebAssembly.validate = validate;
      const { variant } = await init({ variant: 'simd' });
      report([wrong, unsupported, variant, zeros([2, 3]).size]);`);
    expect(results).toEqual([
      expect.stringContaining('ArgumentTypeError: init: '),
      expect.stringContaining('UnsupportedError: init: '),
      'simd',
      6,
    ]);
  });

  test('names the feature that an engine lacks', async () => {
    // An engine without relaxed SIMD; on one that has it, validation is made to say no.
    const message = await runInNode(`${describeError}
      import { init } from 'lamella';
      const { validate } = WebAssembly;
      const relaxedMadd = [253, 133, 2].join();
      WebAssembly.validate = (bytes) =>
        !bytes.join().includes(relaxedMadd) && validate(bytes);
      report(await caught(() => init({ variant: 'relaxed' })));`);
    expect(message).toMatch(/^UnsupportedError: init: variant 'relaxed' needs relaxed SIMD/);
  });

  test('names the feature without which nothing runs', async () => {
    const message = await runInNode(`${describeError}
      import { init } from 'lamella';
      WebAssembly.validate = () => false;
      report(await caught(() => init()));`);
    expect(message).toMatch(/^UnsupportedError: init: .*fixed-width SIMD/);
  });

  test('loads the relaxed variant where the engine has what it needs', async () => {
    const result = await runInNode(
      `import { Dense, init, runtimeInfo, tensor } from 'lamella';
      await init();
      const dense = new Dense(1, { inputSize: 2, noBias: true });
      dense.loadParams({ weights: [[3], [5]] });
      report([runtimeInfo().variant, ...dense.forward(tensor([[2, 4]])).toArray()]);`,
      relaxedFlags,
    );
    expect(result).toEqual(['relaxed', 26]);
  });
});

test('an instance that cannot be made is said so, and init() may be tried again', async () => {
  const seen = await runInNode(`${describeError}
    import { init } from 'lamella';
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = () => Promise.reject(new RangeError('no memory'));
    const none = await caught(() => init());
    // Nor one that the glue code cannot use.
    WebAssembly.instantiate = () => Promise.resolve({ exports: {} });
    const useless = await caught(() => init());
    WebAssembly.instantiate = instantiate;
    report([none, useless, typeof (await init()).variant]);`);
  expect(seen).toEqual(['RangeError: no memory', expect.stringMatching(/^TypeError: /), 'string']);
});
