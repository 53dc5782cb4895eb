// Sums over one axis of a matrix or of a batch of images.
#ifndef LAMELLA_KERNELS_REDUCTIONS_H_
#define LAMELLA_KERNELS_REDUCTIONS_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

/// sums[columns] = sum over the rows of x[rows, columns].
void SumRows(const float* x, size_t rows, size_t columns, float* sums);

/// A channel of a batch of images: `pixels` numbers per image, the images
/// `stride` apart.
struct ChannelView {
  size_t batch;
  size_t stride;
  size_t pixels;
};

/// Sum of x - centre over a channel, of which `x` is the first number. Sums of
/// four are float32, sums of these float64: a channel of a batch has up to
/// millions of numbers.
double SumChannel(const ChannelView& view, const float* x, float centre = 0.0f);

/// As `SumChannel`, of (a - centre_a) * (b - centre_b).
double SumProducts(const ChannelView& view, const float* a, float centre_a,
                   const float* b, float centre_b);

/// The mean of a channel, as a float32 and what it lacks, and the biased
/// variance.
struct Moments {
  float mean;
  float mean_rest;
  float variance;
};
Moments ChannelMoments(const ChannelView& view, const float* x);

/// sums[channels] = `SumChannel` of each channel of x[batch, channels, pixels].
void SumChannels(ThreadPool& pool, const float* x, size_t batch,
                 size_t channels, size_t pixels, float* sums);

/// Whether none of `size` values is NaN or infinite.
bool AllFinite(const float* x, size_t size);

/// Index of the greatest of `size` values, the first one among equals; a NaN
/// counts as greatest. `size` is at least 1.
size_t ArgMax(const float* x, size_t size);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_REDUCTIONS_H_
