// Image to column matrix and back: convolution seen as a matrix product.
#ifndef LAMELLA_KERNELS_IM2COL_H_
#define LAMELLA_KERNELS_IM2COL_H_

#include <cstddef>

namespace lamella {

/// Windows over a batch of images (N, channels, height, width), square and
/// unpadded: window (y, x) covers rows y * stride … + window_size - 1.
struct WindowGeometry {
  size_t channels;
  size_t height;
  size_t width;
  size_t window_size;
  size_t stride;

  size_t output_height() const { return (height - window_size) / stride + 1; }
  size_t output_width() const { return (width - window_size) / stride + 1; }
};

/// columns[N, H_out, W_out, C * K * K] from input[N, C, H, W]; the last axis
/// runs over channel, kernel row, kernel column.
void Im2col(const WindowGeometry& geometry, size_t batch, const float* input,
            float* columns);

/// The adjoint of `Im2col`: every column element is added to the pixel it came
/// from; `output` is overwritten, pixels that no window touches become 0.
void Col2im(const WindowGeometry& geometry, size_t batch, const float* columns,
            float* output);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_IM2COL_H_
