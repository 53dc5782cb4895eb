// The few Highway names the kernels share. Highway is included by kernels
// only; nothing above this folder sees a vector type.
#ifndef LAMELLA_KERNELS_SIMD_H_
#define LAMELLA_KERNELS_SIMD_H_

// One target per binary: the wasm variants are separate builds.
#ifndef HWY_COMPILE_ONLY_STATIC
#define HWY_COMPILE_ONLY_STATIC
#endif
#include <hwy/highway.h>

namespace lamella::simd {

namespace hn = hwy::HWY_NAMESPACE;

/// Four floats on every target: WebAssembly's vectors have no other size, and
/// a native build of the same width tests the very code that ships.
using Floats = hn::FixedTag<float, 4>;
using Vec = hn::Vec<Floats>;
inline constexpr size_t kLanes = 4;

inline Vec Load(const float* from) { return hn::LoadU(Floats(), from); }
inline void Store(Vec value, float* to) { hn::StoreU(value, Floats(), to); }
/// Loads the first `count` lanes and sets the others to zero. Only the rest of
/// a row needs it, so it is not inlined: one copy serves all kernels.
HWY_NOINLINE inline Vec LoadPart(const float* from, size_t count) {
  return hn::LoadN(Floats(), from, count);
}
HWY_NOINLINE inline void StorePart(Vec value, float* to, size_t count) {
  hn::StoreN(value, Floats(), to, count);
}
inline Vec Splat(float value) { return hn::Set(Floats(), value); }

/// a * b + c. Rounded once or twice, as the engine likes, in the relaxed
/// variant; always twice in the others, which therefore give the same bits
/// everywhere. Highway emits no relaxed-SIMD instruction of its own.
inline Vec MultiplyAdd(Vec a, Vec b, Vec c) {
#if LAMELLA_RELAXED_SIMD
  return Vec{__builtin_wasm_relaxed_madd_f32x4(a.raw, b.raw, c.raw)};
#else
  return hn::Add(hn::Mul(a, b), c);
#endif
}

/// Replaces numbers that are closer to zero than `smallest` by zero; NaN stays
/// NaN. An operation on a number below 2^-126 (a denormal) takes processors
/// about 100 cycles, and WebAssembly has no mode that flushes them to zero.
inline Vec FlushBelow(Vec smallest, Vec x) {
  return hn::IfThenZeroElse(hn::Lt(hn::Abs(x), smallest), x);
}

/// Sums of each lane in float64, which a long sum wants: in float32 one of a
/// million terms is off by a hundredth part.
class LaneSums {
 public:
  void Add(Vec terms) {
    low_ = hn::Add(low_, hn::PromoteLowerTo(Doubles(), terms));
    high_ = hn::Add(high_, hn::PromoteUpperTo(Doubles(), terms));
  }

  /// All lanes together.
  double Total() const {
    return hn::ReduceSum(Doubles(), hn::Add(low_, high_));
  }

  /// The lanes, rounded.
  Vec Rounded() const {
    const hn::FixedTag<float, 2> half;
    return hn::Combine(Floats(), hn::DemoteTo(half, high_),
                       hn::DemoteTo(half, low_));
  }

 private:
  using Doubles = hn::FixedTag<double, 2>;
  hn::Vec<Doubles> low_ = hn::Zero(Doubles());
  hn::Vec<Doubles> high_ = hn::Zero(Doubles());
};

/// Swaps lanes and vectors: element j of row i becomes element i of row j.
inline void Transpose(Vec row[kLanes]) {
  const Floats d;
  const Vec low01 = hn::InterleaveLower(d, row[0], row[1]);
  const Vec low23 = hn::InterleaveLower(d, row[2], row[3]);
  const Vec high01 = hn::InterleaveUpper(d, row[0], row[1]);
  const Vec high23 = hn::InterleaveUpper(d, row[2], row[3]);
  row[0] = hn::ConcatLowerLower(d, low23, low01);
  row[1] = hn::ConcatUpperUpper(d, low23, low01);
  row[2] = hn::ConcatLowerLower(d, high23, high01);
  row[3] = hn::ConcatUpperUpper(d, high23, high01);
}

/// Calls `body(i, count)` for i = 0, 4, 8, … below `size`; `count` is 4 but
/// for the rest at the end. The full steps pass a constant, which `LoadSome`
/// and `StoreSome` compile to plain loads and stores for.
template <typename Body>
void ForEachVector(size_t size, Body&& body) {
  size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) body(i, kLanes);
  if (i < size) body(i, size - i);
}

/// `LoadPart`, or a plain load when `count` is known to be all lanes.
inline Vec LoadSome(const float* from, size_t count) {
  return count == kLanes ? Load(from) : LoadPart(from, count);
}
inline void StoreSome(Vec value, float* to, size_t count) {
  if (count == kLanes) {
    Store(value, to);
  } else {
    StorePart(value, to, count);
  }
}

}  // namespace lamella::simd

#endif  // LAMELLA_KERNELS_SIMD_H_
