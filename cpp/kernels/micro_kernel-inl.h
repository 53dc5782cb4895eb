// The register tile under GEMM, Winograd's products and convolutions straight
// from images.
#ifndef LAMELLA_KERNELS_MICRO_KERNEL_INL_H_
#define LAMELLA_KERNELS_MICRO_KERNEL_INL_H_

#include <cstddef>

#include "kernels/simd.h"

namespace lamella::simd {

/// A tile of sums that stay in registers.
template <size_t kRows, size_t kVectors>
using Tile = Vec[kRows][kVectors];

/// sum[i][j] += A(i) * B(j) for each step through the depth, in their order.
/// `Step` has `Vec A(size_t i)`, `Vec B(size_t j)`, `void Next()` and `bool
/// done()`; it is a value of its own, so that its pointers are registers. The
/// size of the tile must leave some for a row of b and an element of a.
template <size_t kRows, size_t kVectors, typename Step>
HWY_INLINE void AddProducts(Step step, Tile<kRows, kVectors>& sum) {
  for (; !step.done(); step.Next()) {
    Vec row[kVectors];
#pragma clang loop unroll(full)
    for (size_t j = 0; j < kVectors; ++j) row[j] = step.B(j);
#pragma clang loop unroll(full)
    for (size_t i = 0; i < kRows; ++i) {
      const Vec element = step.A(i);
#pragma clang loop unroll(full)
      for (size_t j = 0; j < kVectors; ++j) {
        sum[i][j] = MultiplyAdd(element, row[j], sum[i][j]);
      }
    }
  }
}

/// All sums 0.
template <size_t kRows, size_t kVectors>
HWY_INLINE void Clear(Tile<kRows, kVectors>& sum) {
#pragma clang loop unroll(full)
  for (auto& row : sum) {
#pragma clang loop unroll(full)
    for (Vec& each : row) each = Splat(0.0f);
  }
}

/// Steps of a product of matrices: elements (i, p) of a lie `a_row_stride` and
/// `a_depth_stride` apart, rows of b `b_stride`.
struct MatrixStep {
  MatrixStep(size_t depth, const float* a, size_t a_row_stride,
             size_t a_depth_stride, const float* b, size_t b_stride)
      : a(a),
        end(a + depth * a_depth_stride),
        a_row_stride(a_row_stride),
        a_depth_stride(a_depth_stride),
        b(b),
        b_stride(b_stride) {}

  // The pointer counts the steps: a counter beside it costs 3 % at 512^3 and 11
  // to 17 % at 8 x 9 x 50176.
  bool done() const { return a == end; }
  void Next() {
    a += a_depth_stride;
    b += b_stride;
  }
  Vec A(size_t i) const { return Splat(a[i * a_row_stride]); }
  Vec B(size_t j) const { return Load(b + j * kLanes); }

  const float* a;
  const float* end;
  size_t a_row_stride, a_depth_stride;
  const float* b;
  size_t b_stride;
};

}  // namespace lamella::simd

#endif  // LAMELLA_KERNELS_MICRO_KERNEL_INL_H_
