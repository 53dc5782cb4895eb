import { reject } from './checks.js';

/** Builds of the engine, by what they need of the JavaScript engine. */
export type Variant = 'simd' | 'relaxed' | 'threads' | 'relaxed-threads';

/** Whether the JavaScript engine knows an instruction, which takes some vectors and leaves one. */
function knows(operands: number, ...instruction: readonly number[]): boolean {
  // i32.const 0, i32x4.splat.
  const zeros = Array.from({ length: operands }, () => [65, 0, 253, 17]).flat();
  const body = [0, ...zeros, ...instruction, 11];
  // Type section with one function () -> v128, and that function's body.
  const head = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10];
  const module = [...head, body.length + 2, 1, body.length, ...body];
  // Some browsers switch WebAssembly off: iOS in lockdown mode.
  return typeof WebAssembly === 'object' && WebAssembly.validate(new Uint8Array(module));
}

type Feature = readonly [name: string, exists: () => boolean];

const simd: Feature = ['fixed-width SIMD (f32x4.mul)', () => knows(2, 253, 230, 1)];
const relaxedSimd: Feature = ['relaxed SIMD (f32x4.relaxed_madd)', () => knows(3, 253, 133, 2)];
const threads: readonly Feature[] = [
  ['threads (atomic.fence)', () => knows(1, 254, 3, 0)],
  [
    'shared memory (in browsers: a page served cross-origin isolated)',
    // WebKit's workers hide SharedArrayBuffer and have it nevertheless; Node knows no isolation.
    () =>
      (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated ??
      typeof SharedArrayBuffer === 'function',
  ],
  [
    "waiting, which a page's main thread must not do (use lamella/worker)",
    () => typeof window === 'undefined',
  ],
];

/** The features that each variant needs beyond plain WebAssembly. */
const features: Record<Variant, readonly Feature[]> = {
  simd: [simd],
  relaxed: [simd, relaxedSimd],
  threads: [simd, ...threads],
  'relaxed-threads': [simd, relaxedSimd, ...threads],
};

/** All variants. */
export const variants = Object.keys(features) as readonly Variant[];

/** Whether a variant can share its work among threads. */
export function hasThreads(variant: Variant): boolean {
  return variant.endsWith('threads');
}

/**
 * Names of the features that this engine lacks for a variant; empty when it can run it.
 * @throws {@link ArgumentTypeError} for anything but a variant.
 */
export function missingFeatures(variant: Variant): string[] {
  if (!variants.includes(variant)) reject('missingFeatures: variant', variants.join(', '), variant);
  return features[variant].filter(([, exists]) => !exists()).map(([name]) => name);
}
