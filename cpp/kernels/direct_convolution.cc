#include "kernels/direct_convolution.h"

#include <algorithm>
#include <cstdint>

#include "kernels/elementwise.h"
#include "kernels/math-inl.h"
#include "kernels/micro_kernel-inl.h"
#include "kernels/padded_image.h"

namespace lamella {
namespace {

using simd::kLanes;
using simd::Vec;

// Output tile of the forward pass: 2 channels of 4 vectors, the same 8
// accumulators and 13 live values as in GEMM; of a single channel, as each
// group of a depthwise convolution is one, 8 vectors.
constexpr size_t kTileChannels = 2;
constexpr size_t kTileVectors = 4;
constexpr size_t kSingleVectors = 8;

// Tile of the kernels' gradient: 2 channels by 4 taps, 6 loads for 8 products.
constexpr size_t kTileTaps = 4;

// Pixels that a sum runs over before it is added to those of other parts: 10^6
// equal terms are then off by less than 10^-5 of their sum (10^-2 in a row).
constexpr size_t kPartOfSum = 2048;

// Numbers of channels and of taps that make whole tiles.
size_t Channels(const ConvolutionGeometry& g) {
  return RoundUp(g.output_channels, kTileChannels);
}
size_t Taps(const ConvolutionGeometry& g) {
  return RoundUp(g.column_size(), kTileTaps);
}

// Parts of the workspace.
struct Parts {
  Parts(const ConvolutionGeometry& g, const PaddedImage& padded, float* memory)
      : image(memory),
        offsets(reinterpret_cast<uint32_t*>(image + padded.size())),
        packed_kernels(image + padded.size() + RoundUp(Taps(g), kLineFloats)),
        padded_gradient(packed_kernels) {}

  float* image;
  // Offsets of the taps in the image.
  uint32_t* offsets;
  // Either the forward pass's kernels, or the gradient's copy of the output
  // gradient, followed by its lane sums.
  float* packed_kernels;
  float* padded_gradient;
};

// Vectors of horizontally neighbouring output pixels. They may lie in different
// rows; missing ones at the end repeat the last.
template <size_t kVectors>
struct PixelVectors {
  size_t input[kVectors];
  size_t output[kVectors];
  size_t count[kVectors];
  bool whole;
};

// Steps through the output pixels of one image in vectors.
class PixelCursor {
 public:
  PixelCursor(const ConvolutionGeometry& g, const PaddedImage& padded)
      : g_(g), padded_(padded) {}

  bool done() const { return y_ == g_.output_height; }

  template <size_t kVectors>
  PixelVectors<kVectors> Next() {
    PixelVectors<kVectors> vectors;
    vectors.whole = true;
    for (size_t j = 0; j < kVectors; ++j) {
      if (done()) {
        vectors.input[j] = vectors.input[j - 1];
        vectors.output[j] = vectors.output[j - 1];
        vectors.count[j] = vectors.count[j - 1];
        continue;
      }
      vectors.input[j] = padded_.PixelOffset(y_, x_);
      vectors.output[j] = y_ * g_.output_width + x_;
      vectors.count[j] = std::min(kLanes, g_.output_width - x_);
      vectors.whole &= vectors.count[j] == kLanes;
      x_ += kLanes;
      if (x_ >= g_.output_width) {
        x_ = 0;
        ++y_;
      }
    }
    return vectors;
  }

 private:
  const ConvolutionGeometry& g_;
  const PaddedImage& padded_;
  size_t y_ = 0;
  size_t x_ = 0;
};

// Steps through the taps of pixel vectors; `kernels` is [depth][kChannels].
template <size_t kChannels, size_t kVectors>
struct TapStep {
  TapStep(size_t depth, const uint32_t* offsets, const float* kernels,
          const float* image, const PixelVectors<kVectors>& pixels)
      : offset(offsets), end(offsets + depth), kernels(kernels) {
#pragma clang loop unroll(full)
    for (size_t j = 0; j < kVectors; ++j) from[j] = image + pixels.input[j];
  }

  bool done() const { return offset == end; }
  void Next() {
    ++offset;
    kernels += kChannels;
  }
  Vec A(size_t i) const { return simd::Splat(kernels[i]); }
  Vec B(size_t j) const { return simd::Load(from[j] + *offset); }

  const uint32_t* offset;
  const uint32_t* end;
  const float* kernels;
  const float* from[kVectors];
};

// A tile of channels and pixel vectors over the whole depth.
template <size_t kChannels, size_t kVectors>
HWY_INLINE void ForwardTile(size_t depth, const uint32_t* HWY_RESTRICT offsets,
                            const float* HWY_RESTRICT kernels,
                            const float* image,
                            const PixelVectors<kVectors>& pixels,
                            const float* biases, size_t channels,
                            size_t channel_stride, float* output) {
  simd::Tile<kChannels, kVectors> sum;
#pragma clang loop unroll(full)
  for (size_t i = 0; i < kChannels; ++i) {
    const Vec start =
        simd::Splat(biases == nullptr || i >= channels ? 0.0f : biases[i]);
#pragma clang loop unroll(full)
    for (size_t j = 0; j < kVectors; ++j) sum[i][j] = start;
  }
  simd::AddProducts<kChannels, kVectors>(
      TapStep<kChannels, kVectors>(depth, offsets, kernels, image, pixels),
      sum);
  // Stores all sums at once, also those that are not wanted: choosing among
  // them by a variable would keep them in memory rather than in registers.
  const bool whole = pixels.whole && channels >= kChannels;
  float tile[kChannels * kVectors * kLanes];
  const size_t stride = whole ? channel_stride : kVectors * kLanes;
#pragma clang loop unroll(full)
  for (size_t j = 0; j < kVectors; ++j) {
    float* to = whole ? output + pixels.output[j] : tile + j * kLanes;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < kChannels; ++i) {
      simd::Store(sum[i][j], to + i * stride);
    }
  }
  if (whole) return;
  for (size_t i = 0; i < std::min(channels, kChannels); ++i) {
    for (size_t j = 0; j < kVectors; ++j) {
      simd::StoreSome(simd::Load(tile + i * stride + j * kLanes),
                      output + i * channel_stride + pixels.output[j],
                      pixels.count[j]);
    }
  }
}

// Steps through vectors of pixels: of channels of the gradient, and of the
// image seen through kTileTaps taps.
struct PixelStep {
  PixelStep(size_t size, const float* gradient, size_t channel_stride,
            const float* image, const uint32_t* offsets)
      : gradient(gradient),
        end(gradient + RoundUp(size, kLanes)),
        channel_stride(channel_stride) {
#pragma clang loop unroll(full)
    for (size_t t = 0; t < kTileTaps; ++t) tap[t] = image + offsets[t];
  }

  bool done() const { return gradient == end; }
  void Next() {
    gradient += kLanes;
#pragma clang loop unroll(full)
    for (const float*& each : tap) each += kLanes;
  }
  Vec A(size_t i) const { return simd::Load(gradient + i * channel_stride); }
  Vec B(size_t t) const { return simd::Load(tap[t]); }

  const float* gradient;
  const float* end;
  size_t channel_stride;
  const float* tap[kTileTaps];
};

// sums[channel][tap] += lane-wise products of kTileChannels rows of the
// gradient with the image seen through kTileTaps taps, `size` pixels of each.
HWY_INLINE void GradientTile(size_t size, const float* gradient,
                             size_t channel_stride, const float* image,
                             const uint32_t* offsets, float* sums,
                             size_t sums_stride) {
  simd::Tile<kTileChannels, kTileTaps> sum;
  simd::Clear<kTileChannels, kTileTaps>(sum);
  simd::AddProducts<kTileChannels, kTileTaps>(
      PixelStep(size, gradient, channel_stride, image, offsets), sum);
  // Sums are added per part of an image rather than carried along, since
  // shorter chains of additions round less.
#pragma clang loop unroll(full)
  for (size_t i = 0; i < kTileChannels; ++i) {
#pragma clang loop unroll(full)
    for (size_t t = 0; t < kTileTaps; ++t) {
      float* to = sums + i * sums_stride + t * kLanes;
      simd::Store(simd::hn::Add(simd::Load(to), sum[i][t]), to);
    }
  }
}

// The image to read from: itself, or its copy in `to` when it has padding or
// when vectors might read past the end of the tensor.
const float* Padded(const ConvolutionGeometry& g, const PaddedImage& padded,
                    const float* image, float* to) {
  if (padded.is_as_given && g.output_width % kLanes == 0) return image;
  padded.Copy(image, to);
  return to;
}

// `DirectConvolutionForward` by tiles of this size.
template <size_t kChannels, size_t kVectors>
void ForwardByTiles(const ConvolutionGeometry& g, size_t batch,
                    const float* input, const float* kernels,
                    const ConvolutionEpilogue& epilogue, float* output,
                    float* workspace) {
  const PaddedImage padded(g);
  const Parts parts(g, padded, workspace);
  const size_t depth = g.column_size();
  for (size_t p = 0; p < depth; ++p) {
    parts.offsets[p] = static_cast<uint32_t>(padded.TapOffset(g, p));
    for (size_t i = 0; i < RoundUp(g.output_channels, kChannels); ++i) {
      const size_t tile = i / kChannels * kChannels;
      parts.packed_kernels[tile * depth + p * kChannels + i - tile] =
          i < g.output_channels ? kernels[i * depth + p] : 0.0f;
    }
  }
  for (size_t n = 0; n < batch; ++n) {
    const float* image =
        Padded(g, padded, input + n * g.input_stride(), parts.image);
    float* to = output + n * g.output_stride();
    PixelCursor cursor(g, padded);
    while (!cursor.done()) {
      const PixelVectors<kVectors> pixels = cursor.Next<kVectors>();
      for (size_t i = 0; i < g.output_channels; i += kChannels) {
        ForwardTile<kChannels, kVectors>(
            depth, parts.offsets, parts.packed_kernels + i * depth, image,
            pixels, epilogue.biases == nullptr ? nullptr : epilogue.biases + i,
            g.output_channels - i, g.output_pixels(),
            to + i * g.output_pixels());
      }
    }
    // After the tiles, which have no registers left for it; the image is still
    // in the cache.
    if (epilogue.rectify) RectifyInPlace(to, g.output_size());
  }
}

}  // namespace

size_t DirectConvolutionWorkspaceSize(const ConvolutionGeometry& g) {
  const PaddedImage padded(g);
  const size_t packed_kernels = Channels(g) * g.column_size();
  const size_t gradient =
      Channels(g) *
      RoundUp(g.output_height * padded.columns.pixels, kLineFloats);
  const size_t lane_sums = Channels(g) * Taps(g) * kLanes;
  return padded.size() + RoundUp(Taps(g), kLineFloats) +
         std::max(packed_kernels, gradient + lane_sums);
}

void DirectConvolutionForward(const ConvolutionGeometry& g, size_t batch,
                              const float* input, const float* kernels,
                              const ConvolutionEpilogue& epilogue,
                              float* output, float* workspace) {
  const auto forward = g.output_channels == 1
                           ? ForwardByTiles<1, kSingleVectors>
                           : ForwardByTiles<kTileChannels, kTileVectors>;
  forward(g, batch, input, kernels, epilogue, output, workspace);
}

void DirectConvolutionKernelsGradient(const ConvolutionGeometry& g,
                                      size_t batch, const float* input,
                                      const float* output_gradient,
                                      float* kernels_gradient,
                                      float* workspace) {
  const PaddedImage padded(g);
  const Parts parts(g, padded, workspace);
  // Taps that only fill up the last tile repeat the last one. They cost no
  // time: with fewer accumulators each addition would wait for the one before.
  const size_t taps = g.column_size();
  for (size_t t = 0; t < Taps(g); ++t) {
    parts.offsets[t] =
        static_cast<uint32_t>(padded.TapOffset(g, std::min(t, taps - 1)));
  }
  // The gradient takes on the image's row length, with zeros between, so that
  // one loop runs over all pixels.
  const size_t pixels = g.output_height * padded.columns.pixels;
  const size_t channel_stride = RoundUp(pixels, kLineFloats);
  float* gradient = parts.padded_gradient;
  float* sums = gradient + Channels(g) * channel_stride;
  const size_t sums_stride = Taps(g) * kLanes;
  std::fill_n(gradient, Channels(g) * channel_stride, 0.0f);
  std::fill_n(sums, Channels(g) * sums_stride, 0.0f);

  for (size_t n = 0; n < batch; ++n) {
    // Copied even without padding: vectors read past the last window, where the
    // numbers must be finite.
    padded.Copy(input + n * g.input_stride(), parts.image);
    const float* from = output_gradient + n * g.output_stride();
    for (size_t i = 0; i < g.output_channels; ++i) {
      for (size_t y = 0; y < g.output_height; ++y) {
        std::copy_n(from, g.output_width,
                    gradient + i * channel_stride + padded.PixelOffset(y, 0));
        from += g.output_width;
      }
    }
    for (size_t first = 0; first < pixels; first += kPartOfSum) {
      const size_t count = std::min(kPartOfSum, pixels - first);
      for (size_t i = 0; i < g.output_channels; i += kTileChannels) {
        for (size_t t = 0; t < taps; t += kTileTaps) {
          GradientTile(count, gradient + i * channel_stride + first,
                       channel_stride, parts.image + first, parts.offsets + t,
                       sums + i * sums_stride + t * kLanes, sums_stride);
        }
      }
    }
  }
  for (size_t i = 0; i < g.output_channels; ++i) {
    for (size_t t = 0; t < taps; ++t) {
      kernels_gradient[i * taps + t] =
          simd::SumLanes(simd::Load(sums + i * sums_stride + t * kLanes));
    }
  }
}

}  // namespace lamella
