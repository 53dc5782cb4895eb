// Layers and losses of one's own in minified bundles: what one saves, another one with other names loads.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'build/minified');
const run = promisify(execFile);

/** The classes, under names of which a minifier leaves nothing. */
const classes = (layer, loss) => `
  import { writeFileSync, readFileSync } from 'node:fs';
  import { Dense, init, Layer, loadCheckpoint, Loss, Model, registerLayer, registerLoss, saveCheckpoint,
    SGD, tensor, zeros } from 'lamella';

  class ${layer} extends Layer {
    static type = 'Shift';
    static positional = ['factor'];
    #shift;
    constructor(factor, { bias = 0 } = {}) {
      super();
      this.factor = factor;
      this.bias = bias;
    }
    build(inputShape) {
      super.build(inputShape);
      this.#shift = { value: zeros([1]), gradient: zeros([1]) };
    }
    get params() {
      return { shift: this.#shift };
    }
    forward(input) {
      const add = this.bias + this.#shift.value.view()[0];
      return tensor(input.toArray().map((x) => this.factor * x + add), input.shape);
    }
    backward(gradient) {
      const numbers = gradient.toArray();
      this.#shift.gradient.set([numbers.reduce((sum, x) => sum + x, 0)]);
      return tensor(numbers.map((x) => this.factor * x), gradient.shape);
    }
    getConfig() {
      return { factor: this.factor, bias: this.bias };
    }
  }

  class ${loss} extends Loss {
    static type = 'HalfSquare';
    value(output, expected) {
      const wanted = expected.toArray();
      return output.toArray().reduce((sum, x, i) => sum + (x - wanted[i]) ** 2 / 2, 0);
    }
    gradient(output, expected) {
      const wanted = expected.toArray();
      return tensor(output.toArray().map((x, i) => x - wanted[i]), output.shape);
    }
  }

  await init();
  const x = [[1, 2], [3, -4]];
  const y = [[1], [2]];
  const file = process.argv[2];
  const report = (model) => console.log(JSON.stringify({
    names: [${layer}.name, ${loss}.name],
    types: [model.layers[1].type, model.loss.type],
    config: model.layers[1].getConfig(),
    predicted: Array.from(model.predict(x).toArray()),
  }));
`;

/** Bundles a program, as a rule with all names made short, and runs it; gives its report. */
async function runMinified(name, program, ...minify) {
  const source = join(folder, `${name}.mjs`);
  writeFileSync(source, program);
  const output = join(folder, name);
  const how = ['--bundle', '--splitting', '--format=esm', '--platform=node'];
  how.push(...(minify.length > 0 ? minify : ['--minify']));
  await run(join(root, 'node_modules/.bin/esbuild'), [
    source,
    ...how,
    `--outdir=${output}`,
    '--out-extension:.js=.mjs',
    '--log-level=error',
    '--tsconfig-raw={}', // the repository's would lead to the sources
  ]);
  const environment = { ...process.env, NODE_OPTIONS: '' };
  const { stdout } = await run(
    process.execPath,
    [join(output, `${name}.mjs`), join(folder, 'model.npz')],
    { env: environment },
  );
  return JSON.parse(stdout);
}

test('a layer and a loss of one’s own survive other names', async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const saved = await runMinified(
    'saver',
    `${classes('Shift', 'HalfSquare')}
    const layers = [new Dense(1, { inputSize: 2 }), new Shift(2, { bias: 0.5 })];
    const model = new Model(layers, { loss: new HalfSquare(), optimizer: new SGD() });
    await model.train(x, y, { epochs: 3, batchSize: 1 });
    writeFileSync(file, await saveCheckpoint(model));
    await model.train(x, y, { epochs: 2, batchSize: 1 });
    report(model);`,
  );
  const loaded = await runMinified(
    'loader',
    // Names that another minifier may have chosen, and this one leaves.
    `${classes('q', 'w')}
    registerLayer(q);
    registerLoss(w);
    const model = await loadCheckpoint(readFileSync(file));
    await model.train(x, y, { epochs: 2, batchSize: 1 });
    report(model);`,
    '--minify-whitespace',
    '--minify-syntax',
  );
  for (const { names } of [saved, loaded])
    for (const name of names) expect(name).toMatch(/^.{0,2}$/);
  expect(loaded.names).not.toEqual(saved.names);
  expect(loaded.types).toEqual(['Shift', 'HalfSquare']);
  expect(loaded.config).toEqual({ factor: 2, bias: 0.5 });
  expect(loaded.predicted).toEqual(saved.predicted);
  expect(readFileSync(join(folder, 'model.npz')).length).toBeGreaterThan(100);
});

test('names in the program are the types of classes that say none', async () => {
  mkdirSync(folder, { recursive: true });
  const program = `${classes('Shift', 'HalfSquare')}
    class Plain extends Layer {
      forward = (input) => input;
      backward = (gradient) => gradient;
    }
    class Base extends Dense {}
    class Named extends Dense {
      static type = 'Named';
    }
    let message;
    try {
      registerLayer(Plain);
    } catch (error) {
      message = error.name;
    }
    class Other extends Shift {}
    console.log(JSON.stringify([
      new Plain().type, new Base(1).type, new Named(1).type, new Other(1).type, message,
    ]));`;
  const source = join(folder, 'plain.mjs');
  writeFileSync(source, program);
  const { stdout } = await run(process.execPath, [source], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  // A class that extends a built-in one is that to the engine; one that extends another of one's own
  // must not be taken for it.
  expect(JSON.parse(stdout)).toEqual(['Plain', 'Dense', 'Named', 'Other', 'ValueError']);
});
