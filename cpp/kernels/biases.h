// Biases of channels, where no other kernel adds them.
#ifndef LAMELLA_KERNELS_BIASES_H_
#define LAMELLA_KERNELS_BIASES_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

/// values[batch, channels, pixels] += biases[channels], then the greater of
/// that and 0 if `rectify`, of which NaN stays NaN.
void AddBiases(ThreadPool& pool, size_t batch, size_t channels, size_t pixels,
               const float* biases, bool rectify, float* values);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_BIASES_H_
