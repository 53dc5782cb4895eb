// The rectifier on vectors, for the kernels that apply it to what they store.
#ifndef LAMELLA_KERNELS_RECTIFIER_INL_H_
#define LAMELLA_KERNELS_RECTIFIER_INL_H_

#include "kernels/simd.h"

namespace lamella::simd {

/// max(x, 0); NaN stays NaN. Not Max: Highway leaves open which operand a NaN
/// loses to.
inline Vec Rectify(Vec x) {
  const Vec zero = hn::Zero(Floats());
  return hn::IfThenElse(hn::Lt(x, zero), zero, x);
}

/// The gradient with respect to x where y = Rectify(x): derivative 1 for y > 0,
/// else 0.
inline Vec RectifyGradient(Vec y, Vec output_gradient) {
  return hn::IfThenElseZero(hn::Gt(y, hn::Zero(Floats())), output_gradient);
}

}  // namespace lamella::simd

#endif  // LAMELLA_KERNELS_RECTIFIER_INL_H_
