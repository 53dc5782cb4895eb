// Rows that are multiplied by a number each, as channels by their weights.
#ifndef LAMELLA_KERNELS_ROW_FACTORS_H_
#define LAMELLA_KERNELS_ROW_FACTORS_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

/// y[rows, size] = x[rows, size] * factors[rows]; x and y may be the same.
void MultiplyRows(ThreadPool& pool, size_t rows, size_t size, const float* x,
                  const float* factors, float* y);

/// sums[rows] = sum of a * b over each row of a[rows, size] and b, as
/// `SumProducts` sums.
void SumRowProducts(ThreadPool& pool, size_t rows, size_t size, const float* a,
                    const float* b, float* sums);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_ROW_FACTORS_H_
