// Windows that convolution and pooling move over images, along one axis.
#ifndef LAMELLA_KERNELS_WINDOW_H_
#define LAMELLA_KERNELS_WINDOW_H_

#include <cstddef>

namespace lamella {

/// Windows along one axis of an image, of which zeros are a part that stand
/// before and after it.
struct Window {
  /// Taps, the pixels that a window sees.
  size_t size = 1;
  /// Pixels from one window to the next.
  size_t stride = 1;
  /// Pixels from one tap to the next (Yu, Koltun, "Multi-scale context
  /// aggregation by dilated convolutions", 2016, equation 2).
  size_t dilation = 1;
  size_t padding_before = 0;
  size_t padding_after = 0;

  /// Pixels that a window reaches over.
  size_t extent() const { return (size - 1) * dilation + 1; }
  size_t padding() const { return padding_before + padding_after; }
  /// Windows that fit on an axis of `length` pixels with its padding.
  size_t Count(size_t length) const {
    return (length + padding() - extent()) / stride + 1;
  }

  bool operator==(const Window& other) const = default;
};

}  // namespace lamella

#endif  // LAMELLA_KERNELS_WINDOW_H_
