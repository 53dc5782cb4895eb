#include "kernels/convolution.h"

#include "kernels/direct_convolution.h"
#include "kernels/elementwise.h"
#include "kernels/gemm_panels.h"
#include "kernels/padded_image-inl.h"
#include "kernels/parallel-inl.h"
#include "kernels/winograd.h"

namespace lamella {
namespace {

// Pixels that a sum of the kernels' gradient runs over before it is added to
// those of other pixels: 10^6 equal terms are then off by less than 5 * 10^-5
// of their sum (3 * 10^-3 by blocks of kBlockDepth).
constexpr size_t kPartOfSum = 512;

using namespace gemm;  // NOLINT: convolution is GEMM with its own packing.

// The virtual column matrix of one image: element (tap, pixel), where a tap is
// one of the channels * kernel_size^2 entries of a column, is at
// image[TapOffset(tap) + PixelOffset(pixel)]. Or its transpose.
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
    return (pixel / g.output_width * padded.width + pixel % g.output_width) *
           g.stride;
  }

  // Packs rows [first_row, +depth) of columns [first_column, +count) as a block
  // of b.
  void Pack(const float* image, size_t first_row, size_t depth,
            size_t first_column, size_t count, float* dst) const {
    for (size_t j = 0; j < count; j += kTileColumns) {
      const size_t last = std::min(kTileColumns, count - j) - 1;
      size_t offsets[kTileColumns];
      // Whether the columns of a vector are neighbours. Comparing the first
      // with the last is not enough: at stride 3, [0, 3, 3, 3] ends a row.
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
        for (size_t i = 0; i < kTileColumns; i += kLanes) {
          if (neighbours[i / kLanes]) {
            simd::Store(simd::Load(row + offsets[i]), dst + i);
          } else {
            for (size_t l = 0; l < kLanes; ++l) {
              dst[i + l] = row[offsets[i + l]];
            }
          }
        }
      }
    }
  }
};

// One depth block of pixels (forward) or of taps (gradient of the kernels).
size_t PackedSize(const ConvolutionGeometry& g) {
  const size_t taps = g.column_size(), pixels = g.output_pixels();
  return std::max(std::min(kBlockDepth, taps) *
                      RoundUp(std::min(pixels, kBlockColumns), kTileColumns),
                  std::min(kBlockDepth, pixels) * RoundUp(taps, kTileColumns));
}

// The convolution that turns the output gradient into the input gradient.
bool IsTransposedConvolution(const ConvolutionGeometry& g) {
  return g.stride == 1 && g.padding < g.extent();
}

ConvolutionGeometry TransposedGeometry(const ConvolutionGeometry& g) {
  return {.channels = g.output_channels,
          .height = g.output_height,
          .width = g.output_width,
          .output_channels = g.channels,
          .output_height = g.height,
          .output_width = g.width,
          .kernel_size = g.kernel_size,
          .stride = 1,
          .padding = g.extent() - 1 - g.padding,
          .groups = g.groups,
          .dilation = g.dilation};
}

size_t ForwardWorkspaceSize(const ConvolutionGeometry& g) {
  if (IsWinogradFaster(g)) return WinogradWorkspaceSize(g);
  if (g.stride == 1) return DirectConvolutionWorkspaceSize(g);
  return PaddedImage(g).size() + PackedSize(g);
}

size_t AllKernelsSize(const ConvolutionGeometry& g) {
  return g.groups * g.kernels_size();
}

size_t TurnedKernelsSize(const ConvolutionGeometry& g) {
  return RoundUp(AllKernelsSize(g), kLineFloats);
}

// col2im of one image: adds columns[tap][pixel] to the pixel of the unpadded
// image that it was read from; what fell on the padding is dropped.
void AddColumns(const ConvolutionGeometry& g, const float* columns,
                float* image) {
  for (size_t c = 0; c < g.channels; ++c) {
    for (size_t ky = 0; ky < g.kernel_size; ++ky) {
      for (size_t kx = 0; kx < g.kernel_size; ++kx) {
        for (size_t oy = 0; oy < g.output_height; ++oy) {
          const size_t y = oy * g.stride + ky * g.dilation;
          for (size_t ox = 0; ox < g.output_width; ++ox, ++columns) {
            const size_t x = ox * g.stride + kx * g.dilation;
            if (y >= g.padding && y - g.padding < g.height && x >= g.padding &&
                x - g.padding < g.width) {
              image[(c * g.height + y - g.padding) * g.width + x - g.padding] +=
                  *columns;
            }
          }
        }
      }
    }
  }
}

// Floats that one thread needs for any of the three operations.
size_t SliceWorkspaceSize(const ConvolutionGeometry& g) {
  const size_t forward = ForwardWorkspaceSize(g);
  const size_t backward =
      IsTransposedConvolution(g)
          ? ForwardWorkspaceSize(TransposedGeometry(g))
          : RoundUp(g.column_size() * g.output_pixels(), kLineFloats) +
                GemmWorkspaceSize(g.column_size(), g.output_pixels(),
                                  g.output_channels);
  return RoundUp(std::max(forward, backward), kLineFloats);
}

void ForwardSlice(const ConvolutionGeometry& g, size_t batch,
                  const float* input, const float* kernels,
                  const ConvolutionEpilogue& epilogue, float* output,
                  float* workspace) {
  if (IsWinogradFaster(g)) {
    WinogradForward(g, batch, input, kernels, epilogue, output, workspace);
    return;
  }
  if (g.stride == 1) {
    DirectConvolutionForward(g, batch, input, kernels, epilogue, output,
                             workspace);
    return;
  }
  const PaddedImage padded(g);
  const ColumnMatrix columns{.g = g, .padded = padded, .transposed = false};
  float* packed = workspace + padded.size();
  const size_t depth = g.column_size();
  const size_t pixels = g.output_pixels();
  for (size_t n = 0; n < batch; ++n) {
    const float* image = input + n * g.input_stride();
    if (padded.has_padding) {
      padded.Copy(g, image, workspace);
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

void KernelsGradientSlice(const ConvolutionGeometry& g, size_t batch,
                          const float* input, const float* output_gradient,
                          float* kernels_gradient, float* workspace) {
  if (IsWinogradFaster(g)) {
    WinogradKernelsGradient(g, batch, input, output_gradient, kernels_gradient,
                            workspace);
    return;
  }
  if (g.stride == 1) {
    DirectConvolutionKernelsGradient(g, batch, input, output_gradient,
                                     kernels_gradient, workspace);
    return;
  }
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
    if (padded.has_padding) {
      padded.Copy(g, image, workspace);
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

// With a stride above 1 most products of the transposed convolution would be
// with zeros: computes the columns of each image and adds them up instead.
void InputGradientSlice(const ConvolutionGeometry& g, size_t batch,
                        const float* kernels, const float* output_gradient,
                        float* input_gradient, float* workspace) {
  const size_t pixels = g.output_pixels();
  float* columns = workspace;
  float* gemm_workspace =
      columns + RoundUp(g.column_size() * pixels, kLineFloats);
  const MatrixView transposed_kernels{kernels, 1, g.column_size()};
  for (size_t n = 0; n < batch; ++n) {
    float* image = input_gradient + n * g.input_stride();
    std::fill_n(image, g.input_size(), 0.0f);
    Gemm(g.column_size(), pixels, g.output_channels, transposed_kernels,
         {output_gradient + n * g.output_stride(), pixels, 1}, columns, pixels,
         {}, gemm_workspace);
    AddColumns(g, columns, image);
  }
}

// The kernels turned by 180 degrees, input and output channels swapped.
void TurnKernels(const ConvolutionGeometry& g, const float* kernels,
                 float* turned) {
  const size_t taps = g.kernel_size * g.kernel_size;
  for (size_t group = 0; group < g.groups; ++group) {
    for (size_t o = 0; o < g.output_channels; ++o) {
      for (size_t c = 0; c < g.channels; ++c, kernels += taps) {
        std::reverse_copy(kernels, kernels + taps,
                          turned + (c * g.output_channels + o) * taps);
      }
    }
    turned += g.kernels_size();
  }
}

// Calls body(input, output, kernels, biases) for every group of a slice of the
// batch that begins with image `first`: the places where its numbers begin.
template <typename Body>
void ForEachGroup(const ConvolutionGeometry& g, size_t first,
                  const Body& body) {
  for (size_t group = 0; group < g.groups; ++group) {
    body(first * g.input_stride() + group * g.input_size(),
         first * g.output_stride() + group * g.output_size(),
         group * g.kernels_size(), group * g.output_channels);
  }
}

}  // namespace

size_t ConvolutionWorkspaceSize(const ConvolutionGeometry& g, size_t batch) {
  return std::max(IsTransposedConvolution(g) ? TurnedKernelsSize(g) : 0,
                  GradientSlicesSize(batch, AllKernelsSize(g))) +
         ThreadCount() * SliceWorkspaceSize(g);
}

void ConvolutionForward(const ConvolutionGeometry& g, size_t batch,
                        const float* input, const float* kernels,
                        const ConvolutionEpilogue& epilogue, float* output,
                        float* workspace) {
  const size_t slice_workspace = SliceWorkspaceSize(g);
  ForEachSlice(
      batch, g.products(), [=, &g](size_t first, size_t count, size_t thread) {
        ForEachGroup(
            g, first, [&](size_t in, size_t out, size_t tap, size_t channel) {
              ConvolutionEpilogue own = epilogue;
              if (own.biases != nullptr) own.biases += channel;
              ForwardSlice(g, count, input + in, kernels + tap, own,
                           output + out, workspace + thread * slice_workspace);
            });
      });
}

void ConvolutionKernelsGradient(const ConvolutionGeometry& g, size_t batch,
                                const float* input,
                                const float* output_gradient,
                                float* kernels_gradient, float* workspace) {
  const size_t slice_workspace = SliceWorkspaceSize(g);
  float* sums = workspace + ThreadCount() * slice_workspace;
  SumOverSlices(
      batch, AllKernelsSize(g), sums, kernels_gradient,
      [=, &g](size_t first, size_t count, size_t thread, float* sum) {
        ForEachGroup(g, first, [&](size_t in, size_t out, size_t tap, size_t) {
          KernelsGradientSlice(g, count, input + in, output_gradient + out,
                               sum + tap, workspace + thread * slice_workspace);
        });
      });
}

void ConvolutionInputGradient(const ConvolutionGeometry& g, size_t batch,
                              const float* kernels,
                              const float* output_gradient,
                              const float* rectified, float* input_gradient,
                              float* workspace) {
  const size_t slice_workspace = SliceWorkspaceSize(g);
  const bool transposed = IsTransposedConvolution(g);
  if (transposed) {
    float* turned = workspace + ThreadCount() * slice_workspace;
    TurnKernels(g, kernels, turned);
    kernels = turned;
  }
  ForEachSlice(
      batch, g.products(), [=, &g](size_t first, size_t count, size_t thread) {
        float* own = workspace + thread * slice_workspace;
        ForEachGroup(g, first, [&](size_t in, size_t out, size_t tap, size_t) {
          if (transposed) {
            ForwardSlice(TransposedGeometry(g), count, output_gradient + out,
                         kernels + tap, {}, input_gradient + in, own);
          } else {
            InputGradientSlice(g, count, kernels + tap, output_gradient + out,
                               input_gradient + in, own);
          }
        });
        if (rectified != nullptr) {
          const size_t start = first * g.input_stride();
          ReluGradient(rectified + start, input_gradient + start,
                       input_gradient + start, count * g.input_stride());
        }
      });
}

}  // namespace lamella
