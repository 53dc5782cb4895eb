#include "kernels/packed_convolution.h"

#include <algorithm>

#include "kernels/gemm_panels.h"
#include "kernels/padded_image.h"
#include "kernels/simd.h"

namespace lamella {
namespace {

// Pixels that a sum of the kernels' gradient runs over before it is added to
// those of other pixels: 10^6 equal terms are then off by less than 5 * 10^-5
// of their sum (3 * 10^-3 by blocks of kBlockDepth).
constexpr size_t kPartOfSum = 512;

using namespace gemm;  // NOLINT: convolution is GEMM with its own packing.

// The virtual column matrix of one image: element (tap, pixel), where a tap is
// one of the entries of a column, is at image[TapOffset(tap) +
// PixelOffset(pixel)]. Or its transpose.
struct ColumnMatrix {
  const ConvolutionGeometry& g;
  const PaddedImage& padded;
  bool transposed;

  size_t RowOffset(size_t row) const {
    return transposed ? PixelOffset(row) : padded.TapOffset(g, row);
  }
  size_t ColumnOffset(size_t column) const {
    return transposed ? padded.TapOffset(g, column) : PixelOffset(column);
  }
  size_t PixelOffset(size_t pixel) const {
    return padded.PixelOffset(pixel / g.output_width, pixel % g.output_width);
  }

  // Packs rows [first_row, +depth) of columns [first_column, +count) as a block
  // of b.
  void Pack(const float* image, size_t first_row, size_t depth,
            size_t first_column, size_t count, float* dst) const {
    for (size_t j = 0; j < count; j += kTileColumns) {
      const size_t last = std::min(kTileColumns, count - j) - 1;
      size_t offsets[kTileColumns];
      // Whether the columns of a vector are neighbours.
      bool neighbours[kTileVectors];
      std::fill_n(neighbours, kTileVectors, true);
      for (size_t i = 0; i < kTileColumns; ++i) {
        // A missing column repeats the last; its result is never stored.
        offsets[i] = ColumnOffset(first_column + j + std::min(i, last));
        neighbours[i / kLanes] &=
            offsets[i] == offsets[i / kLanes * kLanes] + i % kLanes;
      }
      for (size_t p = 0; p < depth; ++p, dst += kTileColumns) {
        const float* row = image + RowOffset(first_row + p);
#pragma clang loop unroll(full)
        for (size_t i = 0; i < kTileColumns; i += kLanes) {
          if (neighbours[i / kLanes]) {
            simd::Store(simd::Load(row + offsets[i]), dst + i);
          } else {
#pragma clang loop unroll(full)
            for (size_t l = 0; l < kLanes; ++l) {
              dst[i + l] = row[offsets[i + l]];
            }
          }
        }
      }
    }
  }
};

}  // namespace

size_t PackedConvolutionWorkspaceSize(const ConvolutionGeometry& g) {
  const size_t taps = g.column_size(), pixels = g.output_pixels();
  return PaddedImage(g).size() +
         std::max(std::min(kBlockDepth, taps) *
                      RoundUp(std::min(pixels, kBlockColumns), kTileColumns),
                  std::min(kBlockDepth, pixels) * RoundUp(taps, kTileColumns));
}

void PackedConvolutionForward(const ConvolutionGeometry& g, size_t batch,
                              const float* input, const float* kernels,
                              const ConvolutionEpilogue& epilogue,
                              float* output, float* workspace) {
  const PaddedImage padded(g);
  const ColumnMatrix columns{.g = g, .padded = padded, .transposed = false};
  float* packed = workspace + padded.size();
  const size_t depth = g.column_size();
  const size_t pixels = g.output_pixels();
  for (size_t n = 0; n < batch; ++n) {
    const float* image = input + n * g.input_stride();
    if (!padded.is_as_given) {
      padded.Copy(image, workspace);
      image = workspace;
    }
    for (size_t j = 0; j < pixels; j += kBlockColumns) {
      const size_t count = std::min(kBlockColumns, pixels - j);
      for (size_t p = 0; p < depth; p += kBlockDepth) {
        const size_t block = std::min(kBlockDepth, depth - p);
        columns.Pack(image, p, block, j, count, packed);
        MultiplyBlock(g.output_channels, count, block, {kernels + p, depth, 1},
                      BlockOfB::Packed(packed, block),
                      output + n * g.output_stride() + j, pixels,
                      {.accumulate = p > 0,
                       .row_bias = p > 0 ? nullptr : epilogue.biases,
                       .rectify = epilogue.rectify && p + block == depth});
      }
    }
  }
}

void PackedConvolutionKernelsGradient(const ConvolutionGeometry& g,
                                      size_t batch, const float* input,
                                      const float* output_gradient,
                                      float* kernels_gradient,
                                      float* workspace) {
  const PaddedImage padded(g);
  const ColumnMatrix columns{.g = g, .padded = padded, .transposed = true};
  float* packed = workspace + padded.size();
  const size_t taps = g.column_size();
  const size_t pixels = g.output_pixels();
  if (batch == 0) {
    std::fill_n(kernels_gradient, g.output_channels * taps, 0.0f);
  }
  for (size_t n = 0; n < batch; ++n) {
    const float* image = input + n * g.input_stride();
    if (!padded.is_as_given) {
      padded.Copy(image, workspace);
      image = workspace;
    }
    for (size_t p = 0; p < pixels; p += kPartOfSum) {
      const size_t block = std::min(kPartOfSum, pixels - p);
      columns.Pack(image, p, block, 0, taps, packed);
      MultiplyBlock(g.output_channels, taps, block,
                    {output_gradient + n * g.output_stride() + p, pixels, 1},
                    BlockOfB::Packed(packed, block), kernels_gradient, taps,
                    {.accumulate = n > 0 || p > 0});
    }
  }
}

}  // namespace lamella
