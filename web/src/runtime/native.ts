/**
 * What the WebAssembly module exports: the TypeScript side of cpp/bindings/module.cc. Sizes, shapes
 * and other whole numbers have been checked before they come here.
 */

/** An object in native memory; lives until `delete()`. */
export interface NativeObject {
  delete(): void;
}

export interface NativeTensor extends NativeObject {
  shape(): number[];
  /** Over the module's memory; stale once that grows. */
  view(): Float32Array;
  reshaped(shape: readonly number[]): NativeTensor;
  copy(): NativeTensor;
}

export interface NativeNamedTensor {
  name: string;
  value: NativeTensor;
}

export interface NativeParameter extends NativeNamedTensor {
  gradient: NativeTensor;
  /** Whether optimizers change it. */
  trainable: boolean;
}

/** Settings as they cross the boundary; undefined means the default. */
export type NativeConfig = Record<
  string,
  number | string | boolean | readonly number[] | null | undefined
>;

export interface NativeLayer extends NativeObject {
  build(inputShape: readonly number[]): void;
  inputShape(): number[];
  outputShape(): number[];
  forward(input: NativeTensor, training: boolean): NativeTensor;
  backward(outputGradient: NativeTensor): NativeTensor;
  params(): NativeParameter[];
  state(): NativeNamedTensor[];
  /** To be called after writing into `params()`. */
  paramsLoaded(): void;
  getConfig(): NativeConfig;
  trainable(): boolean;
  setTrainable(trainable: boolean): void;
  initWeights(method: string, noBias: boolean): void;
  input(): NativeTensor | undefined;
  output(): NativeTensor | undefined;
  /** -1 for a layer that draws no random numbers in training. */
  randomPosition(): number;
  setRandomPosition(position: number): void;
}

/** How the engine sees a layer written in TypeScript. */
export interface ForeignLayerAdapter {
  build(inputShape: number[]): readonly number[];
  forward(input: NativeTensor, training: boolean): NativeTensor;
  backward(outputGradient: NativeTensor): NativeTensor;
  params(): NativeParameter[];
  state(): NativeNamedTensor[];
}

/** How the engine sees a loss written in TypeScript. */
export interface ForeignLossAdapter {
  value(output: NativeTensor, expected: NativeTensor): number;
  gradient(output: NativeTensor, expected: NativeTensor): NativeTensor;
}

export interface NativeLoss extends ForeignLossAdapter, NativeObject {
  getConfig(): NativeConfig;
}

export interface NativeOptimizer extends NativeObject {
  getConfig(): NativeConfig;
  setLearningRate(learningRate: number): void;
  step(parameters: readonly NativeParameter[]): void;
  state(): NativeNamedTensor[];
  steps(): number;
}

/** `accuracy` is NaN for a loss that is not about classes. */
export type NativeResult = readonly [loss: number, accuracy: number];

/**
 * How far training has come: epochs begun, samples of the last one, whether shuffled, and how many
 * of them were trained on, fewer than all if it was stopped.
 */
export type NativeProgress = readonly [
  epochs: number,
  rows: number,
  shuffled: number,
  position: number,
];

export interface NativeModel extends NativeObject {
  /** What training multiplies the loss of each class by; none for no weights. */
  setClassWeights(weights: readonly number[]): void;
  beginEpoch(rows: number, shuffle: boolean): void;
  trainRows(x: NativeTensor, y: NativeTensor, first: number, count: number): NativeResult;
  trainBatch(x: NativeTensor, y: NativeTensor): NativeResult;
  evaluateRows(x: NativeTensor, y: NativeTensor, first: number, count: number): NativeResult;
  evaluate(x: NativeTensor, y: NativeTensor, batchSize: number): NativeResult;
  predict(x: NativeTensor, batchSize: number): NativeTensor;
  inputShape(): number[];
  outputShape(): number[];
  /** Shape of a sample of the expected outputs. */
  expectedShape(): number[];
  progress(): NativeProgress;
  restoreProgress(epochs: number, rows: number, shuffled: boolean, position: number): void;
  /** The optimizer has its state, all zeros, as if it had taken so many steps. */
  prepareOptimizer(steps: number): void;
}

/** The instantiated engine. */
export interface NativeModule {
  // The next four in variants with threads only: see wasm/start-threads.ts.
  /** The end of the stack of a new thread. */
  createThreadStack(): number;
  setStackFunction(): number;
  serveThreadFunction(): number;
  /** From now on so many threads, which have been started, share the work. */
  setThreadCount(count: number): void;
  /** Zeros. */
  createTensor(shape: readonly number[]): NativeTensor;
  /** Buffers allocated so far; a training step in steady state adds none. */
  allocationCount(): number;
  /** From now on only so many floats may be allocated, freed ones included. */
  limitAllocations(floats: number): void;
  unlimitAllocations(): void;
  createLayer(type: string, config: NativeConfig): NativeLayer;
  createForeignLayer(type: string, adapter: ForeignLayerAdapter): NativeLayer;
  /** The first `count` layers, and those of the shortcut. */
  createResidual(
    layers: readonly NativeLayer[],
    count: number,
    inputShape: readonly number[] | undefined,
  ): NativeLayer;
  createLoss(type: string, config: NativeConfig): NativeLoss;
  createForeignLoss(type: string, adapter: ForeignLossAdapter): NativeLoss;
  createOptimizer(type: string, config: NativeConfig): NativeOptimizer;
  createModel(
    layers: readonly NativeLayer[],
    loss: NativeLoss | undefined,
    optimizer: NativeOptimizer | undefined,
    seed: number,
    inputShape: readonly number[] | undefined,
  ): NativeModel;
  /** Overwrites `columns`. */
  im2col(images: NativeTensor, columns: NativeTensor, windowSize: number, stride: number): void;
  /** Overwrites `images`. */
  col2im(images: NativeTensor, columns: NativeTensor, windowSize: number, stride: number): void;
}

/** What the glue code that Emscripten writes takes. */
export interface ModuleOverrides {
  /** The engine, which the glue code gives to `instantiate`. */
  readonly wasm: WebAssembly.Module;
  /** All of it that the glue code sees. */
  readonly WebAssembly: {
    readonly Memory: typeof WebAssembly.Memory;
    instantiate(
      module: WebAssembly.Module,
      imports: WebAssembly.Imports,
    ): { then(receive: (instance: WebAssembly.Instance) => void): void };
  };
  createError(kind: number, message: string): Error;
  describe(value: unknown): string;
}

/** Default export of the glue code. */
export type ModuleFactory = (overrides: ModuleOverrides) => Promise<NativeModule>;
