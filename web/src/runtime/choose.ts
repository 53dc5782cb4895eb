import { checkBoolean, checkOptions, reject } from './checks.js';
import { describe, UnsupportedError, ValueError } from './errors.js';
import { hasThreads, missingFeatures, type Variant, variants } from './variants.js';

/** Options of {@link init}. */
export interface InitOptions {
  /** Which build of the engine to load; 'auto' (the default) takes the fastest that runs here. */
  readonly variant?: Variant | 'auto';
  /**
   * How many threads share the work, from 1 (the default) to 64; 'auto' takes as many as the
   * machine has cores, at most 8. More than one want a worker of a cross-origin isolated page, or
   * Node; elsewhere one thread does it all, and `runtimeInfo().reason` says why.
   */
  readonly threads?: number | 'auto';
  /**
   * Whether convolutions may take Winograd's transforms, which are faster and less exact (see the
   * guide about performance). As it is when absent, at first true; may be changed at any time.
   */
  readonly winograd?: boolean;
}

/** The choice that {@link init} has made. */
export interface RuntimeInfo {
  /** Which build of the engine runs. */
  readonly variant: Variant;
  /** Threads that share the work. */
  readonly threads: number;
  /** Why that variant and that many threads, in words. */
  readonly reason: string;
}

/** More threads than a page can use; kMaxThreads of thread_pool.h has places for no more. */
const mostThreads = 64;

/** Above so many, 'auto' would take more than a training step can use: its slices are few. */
const mostAutomaticThreads = 8;

/** A check for each option of init. */
const checks = {
  variant: (what: string, variant: unknown) => {
    const names = ['auto', ...variants];
    if (names.includes(variant as string)) return;
    reject(what, names.map(describe).join(', '), variant);
  },
  threads: countThreads,
  winograd: checkBoolean,
};

/** @throws {@link ArgumentTypeError} and {@link ValueError} for what no engine could do. */
export function checkInitOptions(options: InitOptions): void {
  checkOptions('init', options, checks);
}

function countThreads(what: string, wanted: unknown): number {
  if (wanted === 'auto') {
    const { navigator } = globalThis as { navigator?: Navigator };
    return Math.min(navigator?.hardwareConcurrency ?? 1, mostAutomaticThreads);
  }
  if (Number.isInteger(wanted) && (wanted as number) >= 1 && (wanted as number) <= mostThreads) {
    return wanted as number;
  }
  return reject(what, `'auto' or a whole number from 1 to ${mostThreads}`, wanted, 'number');
}

/** @throws {@link UnsupportedError} for a variant this engine cannot run. */
export function checkFeatures(variant: Variant): void {
  const missing = missingFeatures(variant);
  if (missing.length === 0) return;
  throw new UnsupportedError(
    `init: variant '${variant}' needs ${missing.join(', ')}, which this engine lacks`,
  );
}

/** A variant that was asked for by name. */
function exactly(variant: Variant, options: InitOptions): RuntimeInfo {
  const threads = countThreads(
    'init: threads',
    options.threads ?? (hasThreads(variant) ? 'auto' : 1),
  );
  if (threads > 1 && !hasThreads(variant)) {
    throw new ValueError(
      `init: variant '${variant}' has one thread, got threads ${threads}; ` +
        `take '${variant === 'simd' ? 'threads' : 'relaxed-threads'}' or 'auto'`,
    );
  }
  checkFeatures(variant);
  return { variant, threads, reason: 'asked for' };
}

/**
 * The variant and the number of threads that checked options mean here.
 *
 * @throws {@link ValueError} for threads of a variant that has none, {@link UnsupportedError} for a
 * variant this engine cannot run.
 */
export function choose(options: InitOptions): RuntimeInfo {
  const wanted = options.variant ?? 'auto';
  if (wanted !== 'auto') return exactly(wanted, options);

  const threads = countThreads('init: threads', options.threads ?? 1);
  const missing = missingFeatures('relaxed');
  const variant = missing.length === 0 ? 'relaxed' : 'simd';
  const needed = missingFeatures('simd');
  if (needed.length > 0) {
    throw new UnsupportedError(`init: this engine lacks ${needed.join(', ')}`);
  }
  const reason =
    missing.length === 0
      ? 'the fastest; this engine has all it needs'
      : `this engine lacks ${missing.join(', ')}`;
  if (threads === 1) return { variant, threads, reason };
  const lacking = missingFeatures('threads');
  if (lacking.length > 0) {
    return { variant, threads: 1, reason: `${reason}; one thread: no ${lacking.join(', no ')}` };
  }
  return { variant: variant === 'relaxed' ? 'relaxed-threads' : 'threads', threads, reason };
}

/** The same without threads, when these could not be started. */
export function withoutThreads({ variant, reason }: RuntimeInfo, cause: unknown): RuntimeInfo {
  return {
    variant: variant === 'relaxed-threads' ? 'relaxed' : 'simd',
    threads: 1,
    reason: `${reason}; one thread: others did not start (${describe(cause)})`,
  };
}
