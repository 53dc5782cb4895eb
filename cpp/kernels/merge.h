// Kernels of the layers that merge several tensors into one. The threads of the
// pool share the work.
#ifndef LAMELLA_KERNELS_MERGE_H_
#define LAMELLA_KERNELS_MERGE_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

/// y = max(a, b); NaN where either is NaN. `y` may be one of them.
void MaximumOf(ThreadPool& pool, const float* a, const float* b, float* y,
               size_t size);

/// The gradients with respect to `count` inputs of which y is the maximum. An
/// input that equals y alone gets the whole gradient, one that does not gets 0,
/// and where y is NaN nobody gets any. Of equals each pair shares evenly, as in
/// max(max(a, b), c), which Keras computes: two get 1/2 each, three 1/4, 1/4
/// and 1/2, the last one the most. `gradients` are apart from all the others.
void MaximumGradients(ThreadPool& pool, const float* const* inputs,
                      size_t count, const float* y,
                      const float* output_gradient, float* const* gradients,
                      size_t size);

/// values = values * factor.
void ScaleInPlace(ThreadPool& pool, float* values, float factor, size_t size);

/// Copies `outer` blocks of `block` floats, which lie `from_stride` and
/// `to_stride` floats apart: [outer, block] to a place in [outer, stride] or
/// back. Both memories are apart from each other; strides are at least a block.
void CopyBlocks(ThreadPool& pool, size_t outer, size_t block, const float* from,
                size_t from_stride, float* to, size_t to_stride);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_MERGE_H_
