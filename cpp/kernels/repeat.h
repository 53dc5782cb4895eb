// Copies of rows one after the other, and their sums. The threads of the pool
// share the work.
#ifndef LAMELLA_KERNELS_REPEAT_H_
#define LAMELLA_KERNELS_REPEAT_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

/// y[rows, times, row_size] = x[rows, row_size], apart from each other.
void RepeatRows(ThreadPool& pool, const float* x, size_t rows, size_t row_size,
                size_t times, float* y);

/// input_gradient[rows, row_size] = sum over the times of
/// output_gradient[rows, times, row_size], summed in float64.
void RepeatRowsGradient(ThreadPool& pool, const float* output_gradient,
                        size_t rows, size_t row_size, size_t times,
                        float* input_gradient);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_REPEAT_H_
