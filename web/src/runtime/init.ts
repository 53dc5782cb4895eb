import {
  checkInitOptions,
  choose,
  type InitOptions,
  type RuntimeInfo,
  withoutThreads,
} from './choose.js';
import { compiled, forbidden } from './compile.js';
import { engineBytes } from './engine-bytes.js';
import { createError, describe, numbersIn, StateError, ValueError } from './errors.js';
import type { NativeModule } from './native.js';
import { keepStack } from './stack.js';
import { loadThreads, type Threads } from './threads.js';
import { hasThreads, type Variant } from './variants.js';
import createModule from '../wasm/engine.glue.js';

/** An engine that compiles while the code for its threads loads, if it has any. */
export interface Engine {
  readonly module: Promise<WebAssembly.Module>;
  readonly threads?: Threads | Promise<Threads> | undefined;
  /** The word between version and variant in its name: lamella/graph has engines of its own. */
  readonly kind?: string;
}

/** Where an entry of the package gets its engines from. */
export type EngineSource = (variant: Variant) => Engine | Promise<Engine>;

interface Runtime {
  readonly module: NativeModule;
  readonly info: RuntimeInfo;
}

let loading: Promise<RuntimeInfo> | undefined;
let runtime: Runtime | undefined;

/**
 * The version and variant that a compiled engine says it is, in the section that
 * cpp/bindings/build_name.cc writes; `something else` when it is no engine.
 */
export function nameOf(module: WebAssembly.Module): string {
  const [section] = WebAssembly.Module.customSections(module, 'lamella');
  return section ? String.fromCharCode(...new Uint8Array(section)) : 'something else';
}

/**
 * Another engine's functions have other names, so that linking one may fail late or not at all.
 * @throws {@link ValueError} unless an engine is the one that was asked for.
 */
function checkVariant(module: WebAssembly.Module, variant: string): void {
  const wanted = `${LAMELLA_VERSION} ${variant}`;
  const found = nameOf(module);
  if (found === wanted) return;
  throw new ValueError(
    `init: the engine must be '${wanted}', got '${found}'; ` +
      `its file is the package's dist/lamella.${variant}.wasm`,
  );
}

/** Makes the instance that answers calls, and starts the other threads. */
async function start(
  { module, threads: code, kind = '' }: Engine,
  { variant, threads }: RuntimeInfo,
): Promise<NativeModule> {
  const [wasm, starter] = await Promise.all([module, code]);
  checkVariant(wasm, kind + variant);
  const native = await new Promise<NativeModule>((resolve, reject) => {
    createModule({
      forEngine: { createError, describe, entries: Object.entries, numbersIn },
      // In pages of 64 kB: 16 MB, and up to the 2 GiB that the engine is linked for.
      wasmMemory: new WebAssembly.Memory({
        initial: 256,
        maximum: 32_768,
        shared: hasThreads(variant),
      }),
      // Emscripten does not hear of an instantiation that fails.
      instantiateWasm(
        imports: WebAssembly.Imports,
        receive: (instance: WebAssembly.Instance) => void,
      ): WebAssembly.Exports {
        WebAssembly.instantiate(wasm, imports)
          .then(receive)
          // WebKit, where compiling is forbidden, refuses only now.
          .catch((error: unknown) => {
            const isForbidden = error instanceof WebAssembly.CompileError;
            reject(isForbidden ? forbidden(error) : (error as Error));
          });
        return {};
      },
    }).then(resolve, reject);
  });
  keepStack(native);
  if (threads > 1) await starter?.startThreads(threads, native, wasm);
  return native;
}

async function load(
  options: InitOptions,
  source: EngineSource,
  select: typeof choose,
): Promise<RuntimeInfo> {
  let info = select(options);
  const load = async (): Promise<NativeModule> => start(await source(info.variant), info);
  let module: NativeModule;
  try {
    module = await load();
  } catch (error) {
    // A machine may refuse shared memory or workers; who named a variant wants to know.
    if (info.threads === 1 || (options.variant ?? 'auto') !== 'auto') throw error;
    info = withoutThreads(info, error);
    module = await load();
  }
  runtime = { module, info };
  return info;
}

/** @internal Does the work of every entry's `init`, with the entry's own source of engines and choice. */
export async function initFrom(
  source: EngineSource,
  options: InitOptions,
  select: typeof choose,
): Promise<RuntimeInfo> {
  checkInitOptions(options); // also when the engine is there already
  const { variant: wanted = 'auto', winograd } = options;
  loading ??= load(options, source, select).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  const info = await loading;
  if (wanted !== 'auto' && wanted !== info.variant) {
    throw new StateError(
      `init: variant '${info.variant}' is loaded already, '${wanted}' cannot replace it`,
    );
  }
  if (winograd !== undefined) native('init').allowWinograd(winograd);
  return info;
}

function engineInside(variant: Variant): Engine {
  const module = engineBytes(variant).then((bytes) => compiled(WebAssembly.compile(bytes)));
  return { module, threads: loadThreads(variant) };
}

/**
 * Loads the engine. Everything else in this package needs it first. Calling it again, also while
 * it loads, returns the first call's result, whose number of threads stays; after a failure it may
 * be tried again.
 *
 * @throws {@link ArgumentTypeError} and {@link ValueError} for options of another type or out of
 * range, {@link UnsupportedError} when the JavaScript engine lacks a feature or this place forbids
 * one, {@link StateError} when another variant is asked for than is loaded.
 */
export function init(options: InitOptions = {}): Promise<RuntimeInfo> {
  return initFrom(engineInside, options, choose);
}

/**
 * Which variant runs, with how many threads, and why.
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
