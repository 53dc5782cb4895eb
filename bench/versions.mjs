// Which versions were measured.
import { readFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

const packages = {
  'tfjs-wasm': '@tensorflow/tfjs-backend-wasm',
  'tfjs-cpu': '@tensorflow/tfjs-backend-cpu',
  'jax-js': '@jax-js/jax',
  litert: '@litertjs/core',
};

/** "peer version" of all that ran; native peers have told theirs. */
export function versions(instances) {
  const { dependencies } = read('package.json');
  const version = ({ peer, version: told }) =>
    told ??
    (peer === 'lamella' ? read('../package.json').version : dependencies[packages[peer] ?? peer]);
  const ran = instances.filter(({ peer, reason }) => !['peak', 'plain'].includes(peer) && !reason);
  return [...new Set(ran.map((instance) => `${instance.peer} ${version(instance)}`))].join(', ');
}
