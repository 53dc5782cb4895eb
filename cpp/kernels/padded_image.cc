#include "kernels/padded_image.h"

#include <algorithm>

#include "kernels/simd.h"

namespace lamella {
namespace {

using simd::kLanes;

// Writes zeros, and up to a vector of them beyond, where the next numbers
// come. Short ones are many: filled by the C library, as loops become, they
// take half of a depthwise convolution of 7 x 7 pixels.
float* Zeros(size_t count, float* to) {
  if (count > 0) simd::Store(simd::Splat(0.0f), to);
  if (count > kLanes) {
    std::fill_n(to + kLanes, count - kLanes, 0.0f);
  }
  return to + count;
}

// A row of a phase.
float* CopyRow(const PaddedAxis& columns, const PaddedAxis::Part& part,
               const float* row, float* to) {
  to = Zeros(part.first, to);
  const float* from = row + part.from;
  const size_t stride = columns.stride;
  size_t i = 0;
  if (stride == 1) {
    for (; i + kLanes <= part.count; i += kLanes) {
      simd::Store(simd::Load(from + i), to + i);
    }
  } else if (stride == 2) {
    // The last of the numbers that a vector leaves out is in the row.
    for (; i + kLanes < part.count; i += kLanes) {
      const float* pair = from + 2 * i;
      simd::Store(
          simd::hn::ConcatEven(simd::Floats(), simd::Load(pair + kLanes),
                               simd::Load(pair)),
          to + i);
    }
  }
  for (; i < part.count; ++i) to[i] = from[i * stride];
  return Zeros(columns.pixels - part.first - part.count, to + part.count);
}

}  // namespace

PaddedAxis::PaddedAxis(const Window& window, size_t length, size_t count)
    : stride(window.stride),
      before(window.padding_before),
      input(length),
      phases(std::min(window.stride, window.extent())) {
  // Large enough for the last window and for the whole image.
  const size_t padded =
      std::max(before + length, (count - 1) * window.stride + window.extent());
  pixels = (padded + stride - 1) / stride;
}

PaddedAxis::Part PaddedAxis::PartOf(size_t phase) const {
  const size_t first =
      before > phase ? (before - phase + stride - 1) / stride : 0;
  const size_t from = first * stride + phase - before;
  if (from >= input) return {pixels, 0, 0};
  return {first, (input - from + stride - 1) / stride, from};
}

PaddedImage::PaddedImage(const ConvolutionGeometry& g)
    : channels(g.channels),
      rows(g.vertical, g.height, g.output_height),
      columns(g.horizontal, g.width, g.output_width),
      is_as_given(g.is_dense() && rows.pixels == g.height &&
                  columns.pixels == g.width),
      spare(RoundUp(g.horizontal.extent() + kLanes, kLineFloats)) {}

size_t PaddedImage::TapOffset(const ConvolutionGeometry& g, size_t tap) const {
  const size_t in_channel = tap % g.kernel_taps();
  const size_t y = in_channel / g.horizontal.size * g.vertical.dilation;
  const size_t x = in_channel % g.horizontal.size * g.horizontal.dilation;
  const size_t phase =
      (tap / g.kernel_taps() * rows.phases + y % rows.stride) * columns.phases +
      x % columns.stride;
  return phase * plane() + PixelOffset(y / rows.stride, x / columns.stride);
}

void PaddedImage::Copy(const float* image, float* to) const {
  for (size_t c = 0; c < channels; ++c) {
    for (size_t i = 0; i < rows.phases; ++i) {
      const PaddedAxis::Part part = rows.PartOf(i);
      for (size_t j = 0; j < columns.phases; ++j) {
        const PaddedAxis::Part in_row = columns.PartOf(j);
        to = Zeros(part.first * columns.pixels, to);
        for (size_t y = 0; y < part.count; ++y) {
          const size_t row = part.from + y * rows.stride;
          to = CopyRow(columns, in_row, image + row * columns.input, to);
        }
        to =
            Zeros((rows.pixels - part.first - part.count) * columns.pixels, to);
      }
    }
    image += rows.input * columns.input;
  }
  std::fill_n(to, spare, 0.0f);
}

}  // namespace lamella
