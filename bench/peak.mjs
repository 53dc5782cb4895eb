// The most that 128-bit multiply-adds reach on one core: small WebAssembly modules whose only work
// is a loop of independent accumulators. Engines and processors differ in how many they want, so
// several shapes are tried and the best counts.

const [i32, v128] = [0x7f, 0x7b];
const simd = (opcode) => [0xfd, ...leb(opcode)];
const [add, mul, madd] = [simd(228), simd(230), simd(261)];
const splat = simd(19);
const get = (local) => [0x20, ...leb(local)];
const set = (local) => [0x21, ...leb(local)];

function leb(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

const f32 = (value) => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
const section = (id, ...body) => [id, ...leb(body.length), ...body];

/** run(count): `count` rounds in which every accumulator becomes accumulator * factor + addend. */
function moduleBytes(accumulators, relaxed) {
  const [count, factor, addend, first] = [0, 1, 2, 3];
  const all = Array.from({ length: accumulators }, (_, i) => first + i);
  const step = (local) =>
    relaxed
      ? [...get(local), ...get(factor), ...get(addend), ...madd, ...set(local)]
      : [...get(local), ...get(factor), ...mul, ...get(addend), ...add, ...set(local)];
  // prettier-ignore
  const code = [
    ...leb(1), ...leb(accumulators + 2), v128,
    ...f32(0.5), ...splat, ...set(factor),
    ...f32(1), ...splat, ...set(addend),
    0x03, 0x40, // loop
    ...Array.from({ length: 4 }, () => all.flatMap(step)).flat(),
    ...get(count), 0x41, 4, 0x6b, 0x22, ...leb(count), // count -= 4
    0x41, 0, 0x4a, 0x0d, 0, 0x0b, // while count > 0
    // The sum is the result, so that no engine can leave the work out.
    ...get(first), ...all.slice(1).flatMap((local) => [...get(local), ...add]),
    ...simd(31), 0, 0x0b, // f32x4.extract_lane 0
  ];
  return Uint8Array.from([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 1, i32, 1, 0x7d),
    ...section(3, 1, 0),
    ...section(7, 1, 3, 114, 117, 110, 0, 0), // export "run"
    ...section(10, 1, ...leb(code.length), ...code),
  ]);
}

/**
 * Shapes to try, with the work of a round; `time(i, rounds)` runs one of them. 'mul+add' takes two
 * instructions, 'madd' is relaxed SIMD's fused one.
 */
export function peakLoops() {
  const loops = [8, 10, 12, 13].flatMap((accumulators) =>
    ['mul+add', 'madd'].map((variant) => ({ variant, accumulators, flops: accumulators * 8 })),
  );
  return loops.flatMap((loop) => {
    const bytes = moduleBytes(loop.accumulators, loop.variant === 'madd');
    if (!WebAssembly.validate(bytes)) return [];
    const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    return [{ ...loop, run }];
  });
}
