// Change of the order in which the numbers of a batch of matrices lie.
#ifndef LAMELLA_KERNELS_TRANSPOSE_H_
#define LAMELLA_KERNELS_TRANSPOSE_H_

#include <cstddef>

namespace lamella {

/// y[batch, columns, rows] = x[batch, rows, columns], apart from each other.
void Transpose(const float* x, size_t batch, size_t rows, size_t columns,
               float* y);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_TRANSPOSE_H_
