// Vector functions that several kernels share.
#ifndef LAMELLA_KERNELS_MATH_INL_H_
#define LAMELLA_KERNELS_MATH_INL_H_

#include "kernels/simd.h"
// After simd.h, which sets up Highway for one static target.
#include <hwy/contrib/math/math-inl.h>

namespace lamella::simd {

// The long functions are called, not inlined: a dozen copies would be 4 kB of
// every download, and a call is little beside their 30 instructions.

/// e^x within 1 unit in the last place; 0 below -104. NaN stays NaN, which
/// Highway's own function turns into 0.
HWY_NOINLINE inline Vec Exp(Vec x) {
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Exp(Floats(), x));
}

/// tanh x within 4 units in the last place.
HWY_NOINLINE inline Vec Tanh(Vec x) { return hn::Tanh(Floats(), x); }

/// 1 / (1 + e^-x). Only e^-|x| is computed, which lies in (0, 1], so that no
/// argument overflows; NaN stays NaN.
HWY_NOINLINE inline Vec Sigmoid(Vec x) {
  const Vec one = Splat(1.0f);
  const Vec e = Exp(hn::Neg(hn::Abs(x)));
  const Vec numerator = hn::IfThenElse(hn::Lt(x, hn::Zero(Floats())), e, one);
  return hn::Div(numerator, hn::Add(one, e));
}

/// Sum of all four lanes, in a fixed order.
inline float SumLanes(Vec v) { return hn::ReduceSum(Floats(), v); }

}  // namespace lamella::simd

#endif  // LAMELLA_KERNELS_MATH_INL_H_
