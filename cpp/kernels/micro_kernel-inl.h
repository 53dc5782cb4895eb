// The register tile under Winograd's matrix products and those of the kernels'
// gradient straight from images. The loops of GEMM and direct convolution are
// their own, since they are slower by it.
#ifndef LAMELLA_KERNELS_MICRO_KERNEL_INL_H_
#define LAMELLA_KERNELS_MICRO_KERNEL_INL_H_

#include <cstddef>

#include "kernels/simd.h"

namespace lamella::simd {

/// A tile of sums that stay in registers.
template <size_t kRows, size_t kVectors>
using Tile = Vec[kRows][kVectors];

/// sum[i][j] += a(p, i) * b(p, j) for p = 0, 1, … below `depth`, in this order.
/// `a` and `b` load a vector each; the size of the tile must leave registers
/// for a row of b and one of a.
template <size_t kRows, size_t kVectors, typename LoadA, typename LoadB>
HWY_INLINE void AddProducts(size_t depth, const LoadA& a, const LoadB& b,
                            Tile<kRows, kVectors>& sum) {
  for (size_t p = 0; p < depth; ++p) {
    Vec row[kVectors];
    for (size_t j = 0; j < kVectors; ++j) row[j] = b(p, j);
    for (size_t i = 0; i < kRows; ++i) {
      const Vec element = a(p, i);
      for (size_t j = 0; j < kVectors; ++j) {
        sum[i][j] = MultiplyAdd(element, row[j], sum[i][j]);
      }
    }
  }
}

}  // namespace lamella::simd

#endif  // LAMELLA_KERNELS_MICRO_KERNEL_INL_H_
