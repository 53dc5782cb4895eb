// Networks so small that a call costs more than its arithmetic.
import { among, group, inference, training } from './make.mjs';

const others = ['plain', 'tfjs-wasm', 'onnxruntime-web', 'litert', 'jax-js', 'pytorch'];
const peers = among('lamella', 'convnetjs', 'brain.js', ...others);

/** A prediction from an array to an array: a new one, or one that is there already. */
const prediction = (kind, name, more) => ({ kind, name, network: 'tiny', batch: 1, ...more });

export const tiny = group('tiny', [
  prediction('prediction', 'tiny-prediction-arrays', among('lamella', 'brain.js', ...others)),
  prediction('predictionInto', 'tiny-prediction-into', among('lamella', 'plain')),
  inference('tiny', 1, {
    name: 'tiny-prediction-tensors',
    ...among('lamella', 'convnetjs', ...others),
  }),
  training('tiny', 1, { name: 'tiny-step-1', ...peers }),
  training('tiny', 32, { name: 'tiny-step-32', ...peers }),
  training('rl', 32, peers),
]);
