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
        height(std::max(g.padding + g.height,
                        (g.output_height - 1) * g.stride + g.extent())),
        width(std::max(g.padding + g.width,
                       (g.output_width - 1) * g.stride + g.extent())),
        has_padding(height != g.height || width != g.width),
        spare(RoundUp(g.extent() + simd::kLanes, kLineFloats)) {}

  /// Floats of a copy, with some to spare for vectors that read past the last
  /// window.
  size_t size() const {
    return RoundUp(channels * height * width, kLineFloats) + spare;
  }

  /// Offset of channel c, row y, column x.
  size_t Offset(size_t c, size_t y, size_t x) const {
    return (c * height + y) * width + x;
  }

  /// Offset of a tap, one of the channels * kernel_size^2 entries of a
  /// column, from the window's first pixel.
  size_t TapOffset(const ConvolutionGeometry& g, size_t tap) const {
    const size_t taps = g.kernel_size * g.kernel_size;
    const size_t in_channel = tap % taps;
    return Offset(tap / taps, in_channel / g.kernel_size * g.dilation,
                  in_channel % g.kernel_size * g.dilation);
  }

  void Copy(const ConvolutionGeometry& g, const float* image, float* to) const {
    for (size_t c = 0; c < channels; ++c) {
      to = std::fill_n(to, g.padding * width, 0.0f);
      for (size_t y = 0; y < g.height; ++y) {
        to = std::fill_n(to, g.padding, 0.0f);
        to = std::copy_n(image, g.width, to);
        to = std::fill_n(to, width - g.padding - g.width, 0.0f);
        image += g.width;
      }
      to = std::fill_n(to, (height - g.padding - g.height) * width, 0.0f);
    }
    std::fill_n(to, spare, 0.0f);
  }

  size_t channels;
  size_t height;
  size_t width;
  bool has_padding;
  size_t spare;
};

}  // namespace lamella

#endif  // LAMELLA_KERNELS_PADDED_IMAGE_INL_H_
