import {
  ArgumentTypeError,
  createError,
  describe,
  StateError,
  UnsupportedError,
} from './errors.js';
import type { ModuleFactory, NativeModule } from './native.js';
import { missingFeatures, type Variant, variants } from './variants.js';

/** Options of {@link init}. */
export interface InitOptions {
  /** Which build of the engine to load; 'auto' (the default) takes the fastest that runs here. */
  readonly variant?: Variant | 'auto';
}

/** What {@link init} has chosen. */
export interface RuntimeInfo {
  /** Which build of the engine runs. */
  readonly variant: Variant;
  /** Why that variant, in words. */
  readonly reason: string;
}

interface Runtime {
  readonly module: NativeModule;
  readonly info: RuntimeInfo;
}

let loading: Promise<RuntimeInfo> | undefined;
let runtime: Runtime | undefined;

function checkVariant(wanted: Variant | 'auto'): void {
  if (wanted === 'auto' || variants.includes(wanted)) return;
  throw new ArgumentTypeError(
    `init: variant must be 'auto', ${variants.map((v) => `'${v}'`).join(' or ')}, ` +
      `got ${describe(wanted)}`,
  );
}

function choose(wanted: Variant | 'auto'): RuntimeInfo {
  if (wanted !== 'auto') {
    const missing = missingFeatures(wanted);
    if (missing.length > 0) {
      throw new UnsupportedError(
        `init: variant '${wanted}' needs ${missing.join(', ')}, which this engine lacks`,
      );
    }
    return { variant: wanted, reason: 'asked for' };
  }
  const missing = missingFeatures('relaxed');
  if (missing.length === 0) {
    return { variant: 'relaxed', reason: 'the fastest; this engine has all it needs' };
  }
  const needed = missingFeatures('simd');
  if (needed.length > 0) {
    throw new UnsupportedError(`init: this engine lacks ${needed.join(', ')}`);
  }
  return { variant: 'simd', reason: `this engine lacks ${missing.join(', ')}` };
}

function decodeBase64(text: string): Uint8Array {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/** Each variant is a chunk of its own, so that nobody downloads two. */
function importVariant(
  variant: Variant,
): Promise<{ wasmBase64: string; createModule: ModuleFactory }> {
  return variant === 'relaxed' ? import('../wasm/relaxed.js') : import('../wasm/simd.js');
}

async function load(wanted: Variant | 'auto'): Promise<RuntimeInfo> {
  const info = choose(wanted);
  const { wasmBase64, createModule } = await importVariant(info.variant);
  const module = await createModule({
    wasmBinary: decodeBase64(wasmBase64),
    createError,
    describe,
  });
  runtime = { module, info };
  return info;
}

/**
 * Loads the engine. Everything else in this package needs it first. Calling it
 * again, also while it loads, returns the first call's result; after a failure
 * it may be tried again.
 *
 * @throws {@link ArgumentTypeError} for an unknown variant,
 * {@link UnsupportedError} when the JavaScript engine lacks a feature,
 * {@link StateError} when another variant is asked for than is loaded.
 */
export async function init(options: InitOptions = {}): Promise<RuntimeInfo> {
  const wanted = options.variant ?? 'auto';
  checkVariant(wanted);
  loading ??= load(wanted).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  const info = await loading;
  if (wanted !== 'auto' && wanted !== info.variant) {
    throw new StateError(
      `init: variant '${info.variant}' is loaded already, '${wanted}' cannot replace it`,
    );
  }
  return info;
}

/**
 * Which variant runs, and why.
 *
 * @throws {@link StateError} before `init()`.
 */
export function runtimeInfo(): RuntimeInfo {
  if (runtime === undefined) throw new StateError('runtimeInfo: call await init() first');
  return runtime.info;
}

/** The engine, for `caller`, whose name the error carries when there is none yet. */
export function native(caller: string): NativeModule {
  if (runtime === undefined) throw new StateError(`${caller}: call await init() first`);
  return runtime.module;
}

/** Buffers the engine has allocated so far; a training step in steady state adds none. */
export function allocationCount(): number {
  return native('allocationCount').allocationCount();
}
