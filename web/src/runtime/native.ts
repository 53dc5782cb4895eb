/**
 * The engine's types, which Emscripten has written from cpp/bindings/, by names that the package's
 * own classes leave free. Sizes, shapes and other whole numbers are checked before they come here.
 */
import type createModule from '../wasm/engine.js';
import type { Layer, MainModule, Parameter, Tensor } from '../wasm/engine.js';

export type {
  BatchResult as NativeResult,
  Layer as NativeLayer,
  Loss as NativeLoss,
  Model as NativeModel,
  Optimizer as NativeOptimizer,
  Parameter as NativeParameter,
  Tensor as NativeTensor,
} from '../wasm/engine.js';

/** An object in native memory; lives until `delete()`. */
export type NativeObject = Pick<Layer, 'delete'>;

/** The instantiated engine. Functions that start threads are there in variants with threads only. */
export type NativeModule = MainModule;

/** Settings by name; undefined means the default. */
export type NativeConfig = Parameters<MainModule['createLayer']>[1];

/** The methods by which the engine calls a layer written in TypeScript. */
export interface LayerAdapter {
  build(inputShape: readonly number[]): readonly number[];
  forward(input: Tensor, training: boolean): Tensor;
  backward(outputGradient: Tensor): Tensor;
  params(): readonly Parameter[];
  state(): readonly Parameter[];
}

/** The methods by which the engine calls a loss written in TypeScript. */
export interface LossAdapter {
  value(output: Tensor, expected: Tensor): number;
  gradient(output: Tensor, expected: Tensor): Tensor;
}

/** Default export of the glue code. */
export type ModuleFactory = typeof createModule;
