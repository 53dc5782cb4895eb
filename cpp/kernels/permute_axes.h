// Change of the order of a tensor's axes.
#ifndef LAMELLA_KERNELS_PERMUTE_AXES_H_
#define LAMELLA_KERNELS_PERMUTE_AXES_H_

#include <cstddef>
#include <span>

#include "base/thread_pool.h"

namespace lamella {

/// y[…], whose axis i is axis order[i] of x, of the `sizes` of x; apart from
/// each other. `order` is a permutation of the axes, of which there are at most
/// eight. The threads of the pool share the work.
void PermuteAxes(ThreadPool& pool, std::span<const size_t> sizes,
                 std::span<const size_t> order, const float* x, float* y);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_PERMUTE_AXES_H_
