// Pooling over windows without dilation, each of which holds a pixel of the
// image; rows and columns that no window reaches are ignored.
#ifndef LAMELLA_KERNELS_POOLING_H_
#define LAMELLA_KERNELS_POOLING_H_

#include <cstddef>
#include <cstdint>

#include "base/thread_pool.h"
#include "kernels/window.h"

namespace lamella {

/// Sizes of one pooled plane (one channel of one image).
struct PoolingGeometry {
  size_t height;
  size_t width;
  Window vertical;
  Window horizontal;

  size_t output_height() const { return vertical.Count(height); }
  size_t output_width() const { return horizontal.Count(width); }
};

/// output[planes, Hout, Wout] = greatest pixel of each window; `indices`
/// gets its place in the input plane, the first in row-major order among
/// equals, unless it is null. A NaN counts as greatest.
void MaxPool(ThreadPool& pool, const PoolingGeometry& geometry, size_t planes,
             const float* input, float* output, uint32_t* indices);

/// Adds each output gradient to the element that was greatest;
/// `input_gradient` is overwritten. `rectified` is null or the output of
/// `MaxPool` over what a ReLU made: then the result is the gradient with
/// respect to that ReLU's input.
void MaxPoolGradient(ThreadPool& pool, const PoolingGeometry& geometry,
                     size_t planes, const float* output_gradient,
                     const uint32_t* indices, const float* rectified,
                     float* input_gradient);

/// output = mean of each window: of its pixels, or with `count_padding` of them
/// and the zeros of its padding. Off by at most 15 roundings, 9e-7, of the mean
/// of |pixels|: sums of up to 64 are float32 where windows are taken together,
/// others float64, so that the same window may differ by that bound.
void AveragePool(ThreadPool& pool, const PoolingGeometry& geometry,
                 bool count_padding, size_t planes, const float* input,
                 float* output);

/// Spreads each output gradient evenly over what the mean was of;
/// `input_gradient` is overwritten.
void AveragePoolGradient(ThreadPool& pool, const PoolingGeometry& geometry,
                         bool count_padding, size_t planes,
                         const float* output_gradient, float* input_gradient);

/// means[rows] = mean of each row of x[rows, pixels], summed as `SumChannel`
/// does.
void GlobalAveragePool(ThreadPool& pool, size_t rows, size_t pixels,
                       const float* x, float* means);

/// input_gradient[rows, pixels] = output_gradient[row] / pixels.
void GlobalAveragePoolGradient(size_t rows, size_t pixels,
                               const float* output_gradient,
                               float* input_gradient);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_POOLING_H_
