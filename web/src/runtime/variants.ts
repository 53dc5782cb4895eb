/** Builds of the engine, each needing more of the JavaScript engine than the one before. */
export type Variant = 'simd' | 'relaxed';

/** All variants, from the one that runs everywhere to the fastest. */
export const variants: readonly Variant[] = ['simd', 'relaxed'];

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

interface Feature {
  readonly name: string;
  readonly probe: Uint8Array<ArrayBuffer>;
}

/** What each variant needs beyond plain WebAssembly, by the very instruction it uses. */
const features: Record<Variant, readonly Feature[]> = {
  simd: [{ name: 'fixed-width SIMD (f32x4.mul)', probe: probe(2, [253, 230, 1]) }],
  relaxed: [{ name: 'relaxed SIMD (f32x4.relaxed_madd)', probe: probe(3, [253, 133, 2]) }],
};

/** Names of the features that this engine lacks for a variant; empty when it can run it. */
export function missingFeatures(variant: Variant): string[] {
  const needed = variant === 'simd' ? features.simd : [...features.simd, ...features[variant]];
  return needed
    .filter((feature) => !WebAssembly.validate(feature.probe))
    .map((feature) => feature.name);
}
