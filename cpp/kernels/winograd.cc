#include "kernels/winograd.h"

#include <cassert>

#include "kernels/gemm_panels.h"
#include "kernels/micro_kernel-inl.h"
#include "kernels/rectifier-inl.h"
#include "kernels/winograd-inl.h"
#include "kernels/workspace.h"

namespace lamella {
namespace {

using namespace winograd;  // NOLINT: this file is that namespace's front.
using gemm::BlockOfB;
using gemm::kTileColumns;
using gemm::kTileRows;
using gemm::kTileVectors;
using gemm::MultiplyBlock;

// Image tiles that are multiplied at once. Transformed inputs and products of
// 32 channels then take 36 * 16 * 32 floats each, 72 KiB, and stay with the
// kernels in a second-level cache.
constexpr size_t kForwardTiles = 16;
// The gradient of the kernels sums over tiles; more of them at once spare
// loads and stores of the sums.
constexpr size_t kGradientTiles = 32;

// Tiles that cover so many outputs of an image's side.
constexpr size_t TilesAlong(size_t outputs) {
  return (outputs + kOutputs - 1) / kOutputs;
}

// Sizes of one convolution's transformed parts.
struct Layout {
  explicit Layout(const ConvolutionGeometry& g)
      : tile_rows(TilesAlong(g.output_height)),
        tile_columns(TilesAlong(g.output_width)),
        inputs(RoundUp(g.channels, kLanes)),
        outputs(RoundUp(g.output_channels, kTileColumns)),
        image{g.channels, tile_rows * kOutputs + 2,
              tile_columns * kOutputs + 2},
        gradient{g.output_channels, tile_rows * kOutputs,
                 tile_columns * kOutputs} {}

  // Floats from one point to the next of `tiles` rows of `channels`. A line
  // more than needed: with a power of two between them all points would fall
  // into the same sets of the cache.
  static size_t PointStride(size_t tiles, size_t channels) {
    return tiles * channels + kLineFloats;
  }
  size_t KernelsStride() const { return PointStride(inputs, outputs); }
  // Tiles of one image.
  size_t tiles() const { return tile_rows * tile_columns; }

  size_t tile_rows;
  size_t tile_columns;
  // Channels, padded with zeros to whole vectors and to whole register tiles.
  size_t inputs;
  size_t outputs;
  InterleavedImage image;
  InterleavedImage gradient;
};

// c = a * b for one register tile of the forward pass: rows of a and c lie
// their stride apart, b is a panel. MultiplyBlock would do, but its overhead
// for each tile is 4 % of a forward pass over 8 channels.
HWY_INLINE void MultiplyTile(size_t depth, const float* HWY_RESTRICT a,
                             size_t a_stride, const float* HWY_RESTRICT b,
                             float* c, size_t c_stride) {
  simd::Tile<kTileRows, kTileVectors> sum;
  simd::Clear<kTileRows, kTileVectors>(sum);
  simd::AddProducts<kTileRows, kTileVectors>(
      simd::MatrixStep(depth, a, a_stride, 1, b, kTileColumns), sum);
  for (size_t i = 0; i < kTileRows; ++i) {
    for (size_t j = 0; j < kTileVectors; ++j) {
      simd::Store(sum[i][j], c + i * c_stride + j * kLanes);
    }
  }
}

// Transforms the kernels of four output channels at a time; missing channels
// become zero. The result is, for each point, panels of kTileColumns output
// channels, each [input channel][kTileColumns].
void TransformKernels(const ConvolutionGeometry& g, const Layout& layout,
                      const float* kernels, float* transformed) {
  constexpr size_t kKernel = kTaps * kTaps;
  // Zeroes are written only where channels do not fill vectors and tiles: at
  // batch 1 clearing takes time that counts.
  if (g.channels < layout.inputs || g.output_channels < layout.outputs) {
    std::fill_n(transformed, kPoints * layout.KernelsStride(), 0.0f);
  }
  for (size_t o = 0; o < g.output_channels; o += kLanes) {
    const size_t lanes = std::min(kLanes, g.output_channels - o);
    const size_t panel = o / kTileColumns * kTileColumns;
    for (size_t c = 0; c < g.channels; ++c) {
      float taps[kKernel * kLanes] = {};
      for (size_t l = 0; l < lanes; ++l) {
        const float* kernel = kernels + ((o + l) * g.channels + c) * kKernel;
        for (size_t t = 0; t < kKernel; ++t) taps[t * kLanes + l] = kernel[t];
      }
      float* to =
          transformed + panel * layout.inputs + c * kTileColumns + o - panel;
      const size_t point = layout.KernelsStride();
      TransformTile<KernelLine, kTaps, kInputs>({taps, kLanes, kTaps * kLanes},
                                                {to, point, kInputs * point});
    }
  }
}

// The transpose of `TransformKernels`, from sums that are, for each point,
// [input channel][output channel].
void TransformKernelsGradient(const ConvolutionGeometry& g,
                              const Layout& layout, const float* transformed,
                              float* kernels_gradient) {
  constexpr size_t kKernel = kTaps * kTaps;
  for (size_t o = 0; o < g.output_channels; o += kLanes) {
    const size_t lanes = std::min(kLanes, g.output_channels - o);
    for (size_t c = 0; c < g.channels; ++c) {
      const float* from = transformed + c * layout.outputs + o;
      const size_t point = layout.KernelsStride();
      float taps[kKernel * kLanes];
      TransformTile<KernelGradientLine, kInputs, kTaps>(
          {from, kInputs * point, point}, {taps, kTaps * kLanes, kLanes});
      for (size_t l = 0; l < lanes; ++l) {
        float* to = kernels_gradient + ((o + l) * g.channels + c) * kKernel;
        for (size_t t = 0; t < kKernel; ++t) to[t] = taps[t * kLanes + l];
      }
    }
  }
}

// One tile of an image, kFrom x kFrom pixels, four channels at a time:
// to[point * point_stride + channel].
template <void (*kLine)(From, To), size_t kFrom>
void TransformPixels(const InterleavedImage& layout, const float* image,
                     size_t tile_row, size_t tile_column, size_t point_stride,
                     float* to) {
  for (size_t b = 0; b < layout.blocks(); ++b) {
    const float* from =
        image + layout.Offset(b, tile_row * kOutputs, tile_column * kOutputs);
    TransformTile<kLine, kFrom, kInputs>(
        {from, layout.width * kLanes, kLanes},
        {to + b * kLanes, kInputs * point_stride, point_stride});
  }
}
constexpr auto TransformInput = TransformPixels<InputLine, kInputs>;
constexpr auto TransformGradient = TransformPixels<GradientLine, kOutputs>;

// Transforms the products of one tile to 4x4 outputs, in the planes of an
// image. Not inlined: the forward pass would take 5 % longer.
HWY_NOINLINE void TransformOutput(const ConvolutionGeometry& g,
                                  const float* products, size_t point_stride,
                                  const ConvolutionEpilogue& epilogue,
                                  size_t tile_row, size_t tile_column,
                                  float* output) {
  const size_t y0 = tile_row * kOutputs, x0 = tile_column * kOutputs;
  const size_t rows = std::min(kOutputs, g.output_height - y0);
  const size_t width = std::min(kOutputs, g.output_width - x0);
  for (size_t o = 0; o < g.output_channels; o += kLanes) {
    const size_t lanes = std::min(kLanes, g.output_channels - o);
    float columns[kOutputs * kInputs * kLanes];
    TransformLines<OutputLine>(
        kInputs, {products + o, point_stride, kInputs * point_stride},
        {columns, kLanes, kInputs * kLanes});
    const Vec bias = epilogue.biases == nullptr
                         ? Splat(0.0f)
                         : simd::LoadSome(epilogue.biases + o, lanes);
    for (size_t y = 0; y < rows; ++y) {
      float pixels[kOutputs * kLanes];
      OutputLine({columns + y * kInputs * kLanes, 0, kLanes},
                 {pixels, 0, kLanes});
      Vec row[kOutputs];
      for (size_t x = 0; x < kOutputs; ++x) {
        row[x] = hn::Add(simd::Load(pixels + x * kLanes), bias);
      }
      if (epilogue.rectify) {
        for (Vec& pixel : row) pixel = simd::Rectify(pixel);
      }
      simd::Transpose(row);
      float* to = output + (o * g.output_height + y0 + y) * g.output_width + x0;
      // Stores all rows at once, also those that are not wanted: choosing among
      // them by a variable would keep them in memory rather than in registers.
      const bool whole = lanes == kLanes && width == kOutputs;
      float* rows_to = whole ? to : pixels;
      const size_t stride = whole ? g.output_pixels() : kLanes;
      for (size_t l = 0; l < kLanes; ++l) {
        simd::Store(row[l], rows_to + l * stride);
      }
      for (size_t l = 0; l < lanes && !whole; ++l) {
        simd::StoreSome(simd::Load(pixels + l * kLanes),
                        to + l * g.output_pixels(), width);
      }
    }
  }
}

// Place of a tile among the images. It is stepped from tile to tile, since
// dividing for every tile takes 2 % of cnn-step.
struct TilePlace {
  bool is_first() const { return row == 0 && column == 0; }

  void Next(const Layout& layout) {
    if (++column < layout.tile_columns) return;
    column = 0;
    if (++row < layout.tile_rows) return;
    row = 0;
    ++image;
  }

  size_t image = 0;
  size_t row = 0;
  size_t column = 0;
};

// Whether tiles of an image hold the pixels of such windows.
bool IsWinogradWindow(const Window& window) {
  return window.size == kTaps && window.stride == 1 && window.dilation == 1 &&
         window.padding_before < kTaps;
}

}  // namespace

bool IsWinogradFaster(const ConvolutionGeometry& g, size_t batch) {
  if (!IsWinogradWindow(g.vertical) || !IsWinogradWindow(g.horizontal)) {
    return false;
  }
  // Measured (Node 24, relaxed): 8 -> 16 channels of 14x14 gain 1.5 times,
  // 4 -> 8 nothing.
  if (g.channels < 8 || g.output_channels < 8) return false;
  // Transforming the kernels takes as long as kKernelTiles tiles of products.
  // Measured for 16 to 512 channels of 4x4 to 14x14: one image gains from 8x8
  // on, 16 images of any size 2.5 to 3.5 times.
  constexpr double kKernelTiles = 10;
  const double images = static_cast<double>(batch);
  const double tiles =
      images * static_cast<double>(TilesAlong(g.output_height) *
                                   TilesAlong(g.output_width));
  return kPoints * (kKernelTiles + tiles) <
         kTaps * kTaps * images * static_cast<double>(g.output_pixels());
}

size_t WinogradWorkspaceSize(const ConvolutionGeometry& g) {
  const Layout layout(g);
  const size_t kernels = kPoints * layout.KernelsStride();
  const size_t forward =
      kPoints * (Layout::PointStride(kForwardTiles, layout.inputs) +
                 Layout::PointStride(kForwardTiles, layout.outputs));
  const size_t gradient =
      RoundUp(layout.gradient.size(), kLineFloats) +
      kPoints * (Layout::PointStride(kGradientTiles, layout.inputs) +
                 Layout::PointStride(kGradientTiles, layout.outputs));
  return RoundUp(layout.image.size(), kLineFloats) + kernels +
         std::max(forward, gradient);
}

void WinogradForward(const ConvolutionGeometry& g, size_t batch,
                     const float* input, const float* kernels,
                     const ConvolutionEpilogue& epilogue, float* output,
                     float* workspace) {
  assert(IsWinogradWindow(g.vertical) && IsWinogradWindow(g.horizontal));
  const Layout layout(g);
  const size_t input_stride = Layout::PointStride(kForwardTiles, layout.inputs);
  const size_t output_stride =
      Layout::PointStride(kForwardTiles, layout.outputs);
  float* image = workspace;
  float* transformed_kernels =
      image + RoundUp(layout.image.size(), kLineFloats);
  float* inputs = transformed_kernels + kPoints * layout.KernelsStride();
  float* products = inputs + kPoints * input_stride;

  TransformKernels(g, layout, kernels, transformed_kernels);
  std::fill_n(image, layout.image.size(), 0.0f);
  const size_t tiles = batch * layout.tiles();
  TilePlace from, to;
  for (size_t first = 0; first < tiles; first += kForwardTiles) {
    const size_t count = std::min(kForwardTiles, tiles - first);
    for (size_t t = 0; t < count; ++t, from.Next(layout)) {
      if (from.is_first()) {
        layout.image.Copy(input + from.image * g.input_stride(), g.height,
                          g.width, g.vertical.padding_before,
                          g.horizontal.padding_before, image);
      }
      TransformInput(layout.image, image, from.row, from.column, input_stride,
                     inputs + t * layout.inputs);
    }
    for (size_t point = 0; point < kPoints; ++point) {
      for (size_t o = 0; o < layout.outputs; o += kTileColumns) {
        // An odd tile at the end is multiplied with what the next slot held
        // before; that product is not read.
        for (size_t t = 0; t < count; t += kTileRows) {
          MultiplyTile(
              layout.inputs, inputs + point * input_stride + t * layout.inputs,
              layout.inputs,
              transformed_kernels + point * layout.KernelsStride() +
                  o * layout.inputs,
              products + point * output_stride + t * layout.outputs + o,
              layout.outputs);
        }
      }
    }
    for (size_t t = 0; t < count; ++t, to.Next(layout)) {
      TransformOutput(g, products + t * layout.outputs, output_stride, epilogue,
                      to.row, to.column, output + to.image * g.output_stride());
    }
  }
}

void WinogradKernelsGradient(const ConvolutionGeometry& g, size_t batch,
                             const float* input, const float* output_gradient,
                             float* kernels_gradient, float* workspace) {
  assert(IsWinogradWindow(g.vertical) && IsWinogradWindow(g.horizontal));
  const Layout layout(g);
  const size_t input_stride =
      Layout::PointStride(kGradientTiles, layout.inputs);
  const size_t output_stride =
      Layout::PointStride(kGradientTiles, layout.outputs);
  float* image = workspace;
  float* sums = image + RoundUp(layout.image.size(), kLineFloats);
  float* gradient = sums + kPoints * layout.KernelsStride();
  float* inputs = gradient + RoundUp(layout.gradient.size(), kLineFloats);
  float* outputs = inputs + kPoints * input_stride;

  std::fill_n(image, layout.image.size(), 0.0f);
  std::fill_n(gradient, layout.gradient.size(), 0.0f);
  std::fill_n(sums, kPoints * layout.KernelsStride(), 0.0f);
  // Channels that only fill up register tiles are never written again.
  std::fill_n(outputs, kPoints * output_stride, 0.0f);
  const size_t tiles = batch * layout.tiles();
  TilePlace place;
  for (size_t first = 0; first < tiles; first += kGradientTiles) {
    const size_t count = std::min(kGradientTiles, tiles - first);
    for (size_t t = 0; t < count; ++t, place.Next(layout)) {
      if (place.is_first()) {
        layout.image.Copy(input + place.image * g.input_stride(), g.height,
                          g.width, g.vertical.padding_before,
                          g.horizontal.padding_before, image);
        layout.gradient.Copy(output_gradient + place.image * g.output_stride(),
                             g.output_height, g.output_width, 0, 0, gradient);
      }
      TransformInput(layout.image, image, place.row, place.column, input_stride,
                     inputs + t * layout.inputs);
      TransformGradient(layout.gradient, gradient, place.row, place.column,
                        output_stride, outputs + t * layout.outputs);
    }
    for (size_t point = 0; point < kPoints; ++point) {
      MultiplyBlock(
          layout.inputs, layout.outputs, count,
          {inputs + point * input_stride, 1, layout.inputs},
          BlockOfB::InPlace(outputs + point * output_stride, layout.outputs),
          sums + point * layout.KernelsStride(), layout.outputs,
          {.accumulate = true});
    }
  }
  TransformKernelsGradient(g, layout, sums, kernels_gradient);
}

}  // namespace lamella
