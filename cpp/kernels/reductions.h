// Sums over one axis of a matrix or of a batch of images.
#ifndef LAMELLA_KERNELS_REDUCTIONS_H_
#define LAMELLA_KERNELS_REDUCTIONS_H_

#include <cstddef>

namespace lamella {

/// sums[columns] = sum over the rows of x[rows, columns].
void SumRows(const float* x, size_t rows, size_t columns, float* sums);

/// sums[channels] = sum over batch and pixels of x[batch, channels, pixels].
/// Each channel's pixels are summed per image in float32, the images in
/// float64.
void SumChannels(const float* x, size_t batch, size_t channels, size_t pixels,
                 float* sums);

/// Index of the greatest of `size` values, the first one among equals; a NaN
/// counts as greatest. `size` is at least 1.
size_t ArgMax(const float* x, size_t size);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_REDUCTIONS_H_
