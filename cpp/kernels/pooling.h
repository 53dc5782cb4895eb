// Pooling over square windows without padding; rows and columns that no window
// reaches are ignored.
#ifndef LAMELLA_KERNELS_POOLING_H_
#define LAMELLA_KERNELS_POOLING_H_

#include <cstddef>
#include <cstdint>

namespace lamella {

/// Sizes of one pooled plane (one channel of one image).
struct PoolingGeometry {
  size_t height;
  size_t width;
  size_t pool_size;
  size_t stride;

  size_t output_height() const { return (height - pool_size) / stride + 1; }
  size_t output_width() const { return (width - pool_size) / stride + 1; }
};

/// output[planes, Hout, Wout] = greatest element of each window; `indices`
/// gets its place in the input plane, the first in row-major order among
/// equals, unless it is null. A NaN counts as greatest.
void MaxPool(const PoolingGeometry& geometry, size_t planes, const float* input,
             float* output, uint32_t* indices);

/// Adds each output gradient to the element that was greatest;
/// `input_gradient` is overwritten. `rectified` is null or the output of
/// `MaxPool` over what a ReLU made: then the result is the gradient with
/// respect to that ReLU's input.
void MaxPoolGradient(const PoolingGeometry& geometry, size_t planes,
                     const float* output_gradient, const uint32_t* indices,
                     const float* rectified, float* input_gradient);

/// output = mean of each window.
void AveragePool(const PoolingGeometry& geometry, size_t planes,
                 const float* input, float* output);

/// Spreads each output gradient evenly over its window; `input_gradient` is
/// overwritten.
void AveragePoolGradient(const PoolingGeometry& geometry, size_t planes,
                         const float* output_gradient, float* input_gradient);

/// means[rows] = mean of each row of x[rows, pixels], summed in float64.
void GlobalAveragePool(size_t rows, size_t pixels, const float* x,
                       float* means);

/// input_gradient[rows, pixels] = output_gradient[row] / pixels.
void GlobalAveragePoolGradient(size_t rows, size_t pixels,
                               const float* output_gradient,
                               float* input_gradient);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_POOLING_H_
