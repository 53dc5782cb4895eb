#include "kernels/convolution.h"

#include <cassert>

#include "kernels/direct_convolution.h"
#include "kernels/elementwise.h"
#include "kernels/gemm_panels.h"
#include "kernels/packed_convolution.h"
#include "kernels/padded_image.h"
#include "kernels/parallel-inl.h"
#include "kernels/winograd.h"

namespace lamella {
namespace {

using namespace gemm;  // NOLINT: convolution is GEMM with its own packing.

// Whether each output pixel sees the pixel in its place alone, so that images
// are column matrices as they are.
bool IsPointwise(const ConvolutionGeometry& g) {
  return g.is_dense() && g.kernel_taps() == 1 && g.vertical.padding() == 0 &&
         g.horizontal.padding() == 0;
}

// Whether the gradient of the input is a convolution in this direction.
bool CanTranspose(const Window& window) {
  return window.stride == 1 && window.padding_before < window.extent() &&
         window.padding_after < window.extent();
}

bool IsTransposedConvolution(const ConvolutionGeometry& g) {
  return CanTranspose(g.vertical) && CanTranspose(g.horizontal) &&
         !IsPointwise(g);
}

Window Transposed(const Window& window) {
  return {.size = window.size,
          .dilation = window.dilation,
          .padding_before = window.extent() - 1 - window.padding_before,
          .padding_after = window.extent() - 1 - window.padding_after};
}

// The convolution that turns the output gradient into the input gradient.
ConvolutionGeometry TransposedGeometry(const ConvolutionGeometry& g) {
  return {.channels = g.output_channels,
          .height = g.output_height,
          .width = g.output_width,
          .output_channels = g.channels,
          .output_height = g.height,
          .output_width = g.width,
          .vertical = Transposed(g.vertical),
          .horizontal = Transposed(g.horizontal),
          .groups = g.groups};
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
  const Window &v = g.vertical, &h = g.horizontal;
  for (size_t c = 0; c < g.channels; ++c) {
    for (size_t ky = 0; ky < v.size; ++ky) {
      for (size_t kx = 0; kx < h.size; ++kx) {
        for (size_t oy = 0; oy < g.output_height; ++oy) {
          // A place before the image wraps around to one beyond its end, so
          // that one comparison finds both.
          const size_t y = oy * v.stride + ky * v.dilation - v.padding_before;
          for (size_t ox = 0; ox < g.output_width; ++ox, ++columns) {
            const size_t x = ox * h.stride + kx * h.dilation - h.padding_before;
            if (y < g.height && x < g.width) {
              image[(c * g.height + y) * g.width + x] += *columns;
            }
          }
        }
      }
    }
  }
}

}  // namespace

// Of one group.
struct ConvolutionAlgorithm {
  decltype(&DirectConvolutionWorkspaceSize) workspace_size;
  decltype(&DirectConvolutionForward) forward;
  decltype(&DirectConvolutionKernelsGradient) kernels_gradient;
};

namespace {

constexpr ConvolutionAlgorithm kWinograd = {
    WinogradWorkspaceSize, WinogradForward, WinogradKernelsGradient};
constexpr ConvolutionAlgorithm kDirect = {DirectConvolutionWorkspaceSize,
                                          DirectConvolutionForward,
                                          DirectConvolutionKernelsGradient};
constexpr ConvolutionAlgorithm kPacked = {PackedConvolutionWorkspaceSize,
                                          PackedConvolutionForward,
                                          PackedConvolutionKernelsGradient};

// The way of a convolution of a batch.
const ConvolutionAlgorithm* AlgorithmFor(const ConvolutionGeometry& g,
                                         size_t batch, bool allows_winograd) {
  if (allows_winograd && IsWinogradFaster(g, batch)) return &kWinograd;
  // The direct way packs the kernels and reads them all for every few pixels.
  // Measured (Node 24): where they leave the first-level cache, 512 -> 512
  // channels of 7x7 take it 2.7 times as long, 1024 -> 1024 by 1x1 three times;
  // windows over more pixels than channels come out even.
  constexpr size_t kCacheFloats = 8192;
  const bool reads_often =
      g.kernels_size() > kCacheFloats &&
      (g.kernel_taps() == 1 || g.output_channels > g.output_pixels());
  return reads_often ? &kPacked : &kDirect;
}

// With a stride above 1 most products of the transposed convolution would be
// with zeros: computes the columns of each image and adds them up instead.
void InputGradientSlice(ThreadPool& pool, const ConvolutionGeometry& g,
                        size_t batch, const float* kernels,
                        const float* output_gradient, float* input_gradient,
                        float* workspace) {
  const size_t pixels = g.output_pixels();
  const bool is_pointwise = IsPointwise(g);
  float* gemm_workspace =
      workspace + RoundUp(g.column_size() * pixels, kLineFloats);
  const MatrixView transposed_kernels{kernels, 1, g.column_size()};
  for (size_t n = 0; n < batch; ++n) {
    float* image = input_gradient + n * g.input_stride();
    float* columns = is_pointwise ? image : workspace;
    Gemm(pool, g.column_size(), pixels, g.output_channels, transposed_kernels,
         {output_gradient + n * g.output_stride(), pixels, 1}, columns, pixels,
         {}, gemm_workspace);
    if (is_pointwise) continue;
    std::fill_n(image, g.input_size(), 0.0f);
    AddColumns(g, columns, image);
  }
}

// The kernels turned by 180 degrees, input and output channels swapped.
void TurnKernels(const ConvolutionGeometry& g, const float* kernels,
                 float* turned) {
  const size_t taps = g.kernel_taps();
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

// Padded images and, for Winograd's algorithm, their transform; the column
// matrix of an input gradient that is no convolution; four times the kernels,
// as Winograd's transform and the direct gradient have them.
double ConvolutionWorkspaceEstimate(const ConvolutionGeometry& g) {
  const auto number = [](size_t n) { return static_cast<double>(n); };
  const Window &v = g.vertical, &h = g.horizontal;
  const double groups = number(g.groups);
  const double channels = groups * number(g.channels);
  const double output_channels = groups * number(g.output_channels);
  const double column = channels * number(v.size) * number(h.size);
  const double rows = number(g.output_height), columns = number(g.output_width);
  const double images = 4 * channels *
                            (number(g.height) + number(v.padding())) *
                            (number(g.width) + number(h.padding())) +
                        4 * output_channels * (rows + 2 * number(v.extent())) *
                            (columns + 2 * number(h.extent()));
  return images + 4 * (output_channels + 512) * (column + 512) +
         (IsTransposedConvolution(g) ? 0 : column * rows * columns);
}

ConvolutionPlan PlanConvolution(ThreadPool& pool, const ConvolutionGeometry& g,
                                size_t batch, bool allows_winograd) {
  ConvolutionPlan plan = {.geometry = g,
                          .batch = batch,
                          .algorithm = AlgorithmFor(g, batch, allows_winograd),
                          .transposed = g,
                          .pool = &pool,
                          .threads = pool.ThreadCount()};
  size_t backward;
  if (IsTransposedConvolution(g)) {
    plan.transposed = TransposedGeometry(g);
    plan.transposed_algorithm =
        AlgorithmFor(plan.transposed, batch, allows_winograd);
    backward = plan.transposed_algorithm->workspace_size(plan.transposed);
  } else {
    backward = RoundUp(g.column_size() * g.output_pixels(), kLineFloats) +
               GemmWorkspaceSize(pool, g.column_size(), g.output_pixels(),
                                 g.output_channels);
  }
  plan.thread_workspace = RoundUp(
      std::max(plan.algorithm->workspace_size(g), backward), kLineFloats);
  plan.workspace =
      std::max(plan.transposed_algorithm == nullptr ? 0 : TurnedKernelsSize(g),
               GradientSlicesSize(batch, AllKernelsSize(g))) +
      plan.threads * plan.thread_workspace;
  return plan;
}

void ConvolutionForward(const ConvolutionPlan& plan, const float* input,
                        const float* kernels,
                        const ConvolutionEpilogue& epilogue, float* output,
                        float* workspace) {
  assert(plan.threads == plan.pool->ThreadCount());
  const ConvolutionGeometry& g = plan.geometry;
  ForEachSlice(
      *plan.pool, plan.batch, g.products(),
      [=, &plan, &g](size_t first, size_t count, size_t thread) {
        ForEachGroup(
            g, first, [&](size_t in, size_t out, size_t tap, size_t channel) {
              ConvolutionEpilogue own = epilogue;
              if (own.biases != nullptr) own.biases += channel;
              plan.algorithm->forward(
                  g, count, input + in, kernels + tap, own, output + out,
                  workspace + thread * plan.thread_workspace);
            });
      });
}

void ConvolutionKernelsGradient(const ConvolutionPlan& plan, const float* input,
                                const float* output_gradient,
                                float* kernels_gradient, float* workspace) {
  assert(plan.threads == plan.pool->ThreadCount());
  const ConvolutionGeometry& g = plan.geometry;
  SumOverSlices(
      *plan.pool, plan.batch, AllKernelsSize(g),
      workspace + plan.threads * plan.thread_workspace, kernels_gradient,
      [=, &plan, &g](size_t first, size_t count, size_t thread, float* sum) {
        ForEachGroup(g, first, [&](size_t in, size_t out, size_t tap, size_t) {
          plan.algorithm->kernels_gradient(
              g, count, input + in, output_gradient + out, sum + tap,
              workspace + thread * plan.thread_workspace);
        });
      });
}

void ConvolutionInputGradient(const ConvolutionPlan& plan, const float* kernels,
                              const float* output_gradient,
                              const float* rectified, float* input_gradient,
                              float* workspace) {
  assert(plan.threads == plan.pool->ThreadCount());
  const ConvolutionGeometry& g = plan.geometry;
  const ConvolutionAlgorithm* transposed = plan.transposed_algorithm;
  if (transposed != nullptr) {
    float* turned = workspace + plan.threads * plan.thread_workspace;
    TurnKernels(g, kernels, turned);
    kernels = turned;
  }
  ForEachSlice(
      *plan.pool, plan.batch, g.products(),
      [=, &plan, &g](size_t first, size_t count, size_t thread) {
        float* own = workspace + thread * plan.thread_workspace;
        ForEachGroup(g, first, [&](size_t in, size_t out, size_t tap, size_t) {
          if (transposed != nullptr) {
            transposed->forward(plan.transposed, count, output_gradient + out,
                                kernels + tap, {}, input_gradient + in, own);
          } else {
            InputGradientSlice(*plan.pool, g, count, kernels + tap,
                               output_gradient + out, input_gradient + in, own);
          }
        });
        if (rectified != nullptr) {
          const size_t start = first * g.input_stride();
          ReluGradient(*plan.pool, rectified + start, input_gradient + start,
                       input_gradient + start, count * g.input_stride());
        }
      });
}

}  // namespace lamella
