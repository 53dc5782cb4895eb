// Random numbers added to others. The threads of the pool share the work.
#ifndef LAMELLA_KERNELS_NOISE_H_
#define LAMELLA_KERNELS_NOISE_H_

#include <cstddef>

#include "base/random.h"
#include "base/thread_pool.h"

namespace lamella {

/// y[size] = x + a draw each from the normal distribution of mean 0 and this
/// standard deviation, and moves the stream on by the draws. x and y may be the
/// same. Source: Box, Muller, "A note on the generation of random normal
/// deviates", 1958.
void AddNormal(ThreadPool& pool, RandomStream& stream, float deviation,
               const float* x, float* y, size_t size);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_NOISE_H_
