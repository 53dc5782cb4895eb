// Copies of short rows, of which images have many: the C library's take longer
// to begin than most rows do.
#ifndef LAMELLA_KERNELS_COPY_INL_H_
#define LAMELLA_KERNELS_COPY_INL_H_

#include <cstddef>

#include "kernels/simd.h"

namespace lamella::simd {

/// to[count] = from[count], which do not overlap.
inline void CopyRow(const float* from, size_t count, float* to) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Store(Load(from + i), to + i);
  if (i < count && count > kLanes) {
    // Some numbers twice, in the place of a loop over the rest.
    Store(Load(from + count - kLanes), to + count - kLanes);
    return;
  }
  for (; i < count; ++i) to[i] = from[i];
}

/// to[count] = 0.
inline void ZeroRow(size_t count, float* to) {
  const Vec zero = Splat(0.0f);
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Store(zero, to + i);
  for (; i < count; ++i) to[i] = 0.0f;
}

}  // namespace lamella::simd

#endif  // LAMELLA_KERNELS_COPY_INL_H_
