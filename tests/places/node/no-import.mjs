// A module of node:vm whose import() nobody answers.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const modules = new Map();
function moduleAt(path) {
  if (!modules.has(path)) {
    const options = {
      identifier: path,
      initializeImportMeta: (meta) => (meta.url = 'https://example.org/'),
    };
    modules.set(path, new vm.SourceTextModule(readFileSync(path, 'utf8'), options));
  }
  return modules.get(path);
}
async function load(name) {
  const entry = moduleAt(fileURLToPath(import.meta.resolve(name)));
  await entry.link((from, { identifier }) => moduleAt(join(dirname(identifier), from)));
  await entry.evaluate();
  return entry.namespace;
}

const { init } = await load('lamella');
console.log(await init().then(() => 'no error', String));

// The engine is handed over: files alone want import().
const external = await load('lamella/external');
const engine = fileURLToPath(import.meta.resolve('lamella/dist/lamella.simd.wasm'));
await external.init({ variant: 'simd', wasm: readFileSync(engine) });
const model = new external.Model([new external.Dense(1, { inputSize: 1 })]);
console.log(model.predict([[1]]).shape.join());
console.log(await external.saveNpz(model).then(() => 'no error', String));
