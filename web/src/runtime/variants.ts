/** Builds of the engine, by what they need of the JavaScript engine. */
export type Variant = 'simd' | 'relaxed' | 'threads' | 'relaxed-threads';

/** Type section with one function () -> v128, and that function's body to come. */
const moduleStart = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0];

/** i32.const 0, i32x4.splat. */
const zeroVector = [65, 0, 253, 17];

/** A module whose only function pushes `operands` zero vectors and runs one instruction. */
function probe(operands: number, instruction: readonly number[]): Uint8Array<ArrayBuffer> {
  const zeros = Array.from({ length: operands }, () => zeroVector).flat();
  const body = [0, ...zeros, ...instruction, 11];
  return new Uint8Array([...moduleStart, 10, body.length + 2, 1, body.length, ...body]);
}

/** A module with a shared memory, from which its only function loads atomically. */
const atomicLoad = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0],
  ...[5, 4, 1, 3, 1, 1],
  ...[10, 10, 1, 8, 0, 65, 0, 254, 16, 2, 0, 11],
]);

interface Feature {
  readonly name: string;
  exists(): boolean;
}

const simd: Feature = {
  name: 'fixed-width SIMD (f32x4.mul)',
  exists: () => WebAssembly.validate(probe(2, [253, 230, 1])),
};

const relaxedSimd: Feature = {
  name: 'relaxed SIMD (f32x4.relaxed_madd)',
  exists: () => WebAssembly.validate(probe(3, [253, 133, 2])),
};

const threads: readonly Feature[] = [
  {
    name: 'threads (i32.atomic.load)',
    exists: () => WebAssembly.validate(atomicLoad),
  },
  {
    name: 'shared memory (in browsers: a page served cross-origin isolated)',
    // WebKit's workers hide SharedArrayBuffer and have it nevertheless; Node knows no isolation.
    exists: () =>
      (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated ??
      typeof SharedArrayBuffer === 'function',
  },
  {
    name: "waiting, which a page's main thread must not do (use lamella/worker)",
    exists: () => typeof window === 'undefined',
  },
];

/** What each variant needs beyond plain WebAssembly. */
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

/** Names of the features that this engine lacks for a variant; empty when it can run it. */
export function missingFeatures(variant: Variant): string[] {
  return features[variant].filter((feature) => !feature.exists()).map((feature) => feature.name);
}
