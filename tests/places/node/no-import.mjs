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
const entry = moduleAt(fileURLToPath(import.meta.resolve('lamella')));
await entry.link((name, { identifier }) => moduleAt(join(dirname(identifier), name)));
await entry.evaluate();
console.log(await entry.namespace.init().then(() => 'no error', String));
