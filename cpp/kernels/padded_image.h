// Zero-padded copies of images, and where a kernel's taps lie in them.
#ifndef LAMELLA_KERNELS_PADDED_IMAGE_H_
#define LAMELLA_KERNELS_PADDED_IMAGE_H_

#include <cstddef>

#include "kernels/convolution.h"
#include "kernels/workspace.h"

namespace lamella {

/// An axis of a padded image, cut into phases: of a stride of 2, the even
/// pixels and the odd ones. All outputs read a tap in the same phase,
/// neighbouring outputs neighbouring pixels, so that to the loops every stride
/// is 1.
struct PaddedAxis {
  PaddedAxis(const Window& window, size_t length, size_t count);

  /// The pixels of a phase that are the image's: `count` from `first` on, which
  /// is the image's `from`.
  struct Part {
    size_t first, count, from;
  };
  Part PartOf(size_t phase) const;

  size_t stride, before, input;
  /// Those that taps lie in.
  size_t phases;
  /// Of a phase.
  size_t pixels;
};

/// A copy of an image by channel, vertical phase, horizontal phase, row and
/// column, with the zeros of the padding.
struct PaddedImage {
  explicit PaddedImage(const ConvolutionGeometry& geometry);

  /// Floats of a copy, with some to spare for vectors that read past the last
  /// window.
  size_t size() const {
    return RoundUp(channels * rows.phases * columns.phases * plane(),
                   kLineFloats) +
           spare;
  }

  /// Offset of a tap, one of the entries of a column, from the window's first
  /// pixel.
  size_t TapOffset(const ConvolutionGeometry& geometry, size_t tap) const;

  /// Offset of an output's window from the first one.
  size_t PixelOffset(size_t y, size_t x) const {
    return y * columns.pixels + x;
  }

  void Copy(const float* image, float* to) const;

  size_t channels;
  PaddedAxis rows, columns;
  /// Whether the image itself is such a copy.
  bool is_as_given;
  size_t spare;

 private:
  size_t plane() const { return rows.pixels * columns.pixels; }
};

}  // namespace lamella

#endif  // LAMELLA_KERNELS_PADDED_IMAGE_H_
