import { choose, type InitOptions, type RuntimeInfo } from '../runtime/choose.js';
import { compiled } from '../runtime/compile.js';
import { engineBytes, type EngineTexts } from '../runtime/engine-bytes.js';
import { StateError } from '../runtime/errors.js';
import { type Engine, initFrom, native } from '../runtime/init.js';
import { loadThreads } from '../runtime/threads.js';
import type { Variant } from '../runtime/variants.js';
import { layers } from '../layers/registry.js';
import { losses } from '../losses.js';
import { modelClass } from '../io/model-class.js';
import { GraphLayer } from './graph-layer.js';
import { JointLoss } from './joint-loss.js';
import { furtherLayers } from './layers/index.js';
import { Model } from './model.js';
import { Pack, Unpack } from './packing.js';

const texts: EngineTexts = {
  simd: () => import('../wasm/graph-simd.bytes.js'),
  relaxed: () => import('../wasm/graph-relaxed.bytes.js'),
  threads: () => import('../wasm/graph-threads.bytes.js'),
  'relaxed-threads': () => import('../wasm/graph-relaxed-threads.bytes.js'),
};

function graphEngine(variant: Variant): Engine {
  const bytes = engineBytes(variant, texts, 'lamella-graph');
  return {
    module: bytes.then((bytes) => compiled(WebAssembly.compile(bytes))),
    threads: loadThreads(variant),
    kind: 'graph ',
  };
}

/**
 * Loads the engine with graphs and all layers, in the place of that of `lamella`. Otherwise as `init`
 * of the main entry.
 *
 * @throws As `init` of the main entry; {@link StateError} when its engine is there already.
 * @example
 * import { init, input, Dense, Model } from 'lamella/graph';
 * await init();
 */
export async function init(options: InitOptions = {}): Promise<RuntimeInfo> {
  const info = await initFrom(graphEngine, options, choose);
  if (!Object.hasOwn(native('init'), 'createGraph')) {
    throw new StateError(
      "init: the engine of 'lamella' is loaded, which has no graphs; call the init of 'lamella/graph' alone",
    );
  }
  layers.include([...furtherLayers, GraphLayer, Unpack, Pack]);
  losses.include([JointLoss]);
  modelClass.current = Model;
  return info;
}
