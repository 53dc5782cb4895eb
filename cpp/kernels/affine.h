// x * scale + offset.
#ifndef LAMELLA_KERNELS_AFFINE_H_
#define LAMELLA_KERNELS_AFFINE_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

/// y[size] = x * scale + offset, rounded twice. x and y may be the same. The
/// threads of the pool share the work.
void Affine(ThreadPool& pool, const float* x, float scale, float offset,
            float* y, size_t size);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_AFFINE_H_
