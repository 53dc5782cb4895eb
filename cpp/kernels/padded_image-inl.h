// Zero-padded copies of images, and where a kernel's taps lie in them.
#ifndef LAMELLA_KERNELS_PADDED_IMAGE_INL_H_
#define LAMELLA_KERNELS_PADDED_IMAGE_INL_H_

#include <algorithm>
#include <cstddef>

#include "kernels/convolution.h"
#include "kernels/simd.h"
#include "kernels/workspace.h"

namespace lamella {

/// An image with the zeros of its padding around it, so that every window lies
/// inside: large enough for the last window and for the whole image.
struct PaddedImage {
  explicit PaddedImage(const ConvolutionGeometry& g)
      : channels(g.channels),
        height(Length(g.vertical, g.height, g.output_height)),
        width(Length(g.horizontal, g.width, g.output_width)),
        has_padding(height != g.height || width != g.width),
        spare(
            RoundUp(g.horizontal.extent() + simd::kLanes * g.horizontal.stride,
                    kLineFloats)) {}

  /// Floats of a copy, with some to spare for vectors that read past the last
  /// window.
  size_t size() const {
    return RoundUp(channels * height * width, kLineFloats) + spare;
  }

  /// Offset of channel c, row y, column x.
  size_t Offset(size_t c, size_t y, size_t x) const {
    return (c * height + y) * width + x;
  }

  /// Offset of a tap, one of the entries of a column, from the window's first
  /// pixel.
  size_t TapOffset(const ConvolutionGeometry& g, size_t tap) const {
    const size_t in_channel = tap % g.kernel_taps();
    return Offset(tap / g.kernel_taps(),
                  in_channel / g.horizontal.size * g.vertical.dilation,
                  in_channel % g.horizontal.size * g.horizontal.dilation);
  }

  void Copy(const ConvolutionGeometry& g, const float* image, float* to) const {
    const size_t top = g.vertical.padding_before;
    const size_t left = g.horizontal.padding_before;
    for (size_t c = 0; c < channels; ++c) {
      to = std::fill_n(to, top * width, 0.0f);
      for (size_t y = 0; y < g.height; ++y) {
        to = std::fill_n(to, left, 0.0f);
        to = std::copy_n(image, g.width, to);
        to = std::fill_n(to, width - left - g.width, 0.0f);
        image += g.width;
      }
      to = std::fill_n(to, (height - top - g.height) * width, 0.0f);
    }
    std::fill_n(to, spare, 0.0f);
  }

  size_t channels;
  size_t height;
  size_t width;
  bool has_padding;
  size_t spare;

 private:
  static size_t Length(const Window& window, size_t length, size_t count) {
    return std::max(window.padding_before + length,
                    (count - 1) * window.stride + window.extent());
  }
};

}  // namespace lamella

#endif  // LAMELLA_KERNELS_PADDED_IMAGE_INL_H_
