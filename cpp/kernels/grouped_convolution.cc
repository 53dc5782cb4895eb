#include "kernels/grouped_convolution.h"

#include <algorithm>
#include <cassert>

#include "kernels/math-inl.h"
#include "kernels/parallel-inl.h"

namespace lamella {
namespace {

using simd::Vec;

// The part of the padded image that windows reach; every window lies inside.
struct Padded {
  explicit Padded(const GroupedGeometry& geometry)
      : g(geometry),
        height((g.output_height - 1) * g.stride +
               (g.kernel_size - 1) * g.dilation + 1),
        width((g.output_width - 1) * g.stride +
              (g.kernel_size - 1) * g.dilation + 1) {
    assert(g.channels % g.groups == 0 && g.output_channels % g.groups == 0);
  }

  size_t size() const { return g.channels * height * width; }

  // Calls visit(offset in the image, offset in the padded one, length) for
  // every run of pixels that is in both.
  template <typename Visit>
  void ForEachRun(Visit&& visit) const {
    if (width <= g.padding) return;
    const size_t length = std::min(g.width, width - g.padding);
    for (size_t c = 0; c < g.channels; ++c) {
      for (size_t y = 0; y < g.height && y + g.padding < height; ++y) {
        visit((c * g.height + y) * g.width,
              (c * height + y + g.padding) * width + g.padding, length);
      }
    }
  }

  // Calls visit(tap, plane, start) for every tap of every kernel: its index in
  // the kernels, the offset of its output channel, and the offset in the padded
  // image of the pixel that it multiplies for the first output.
  template <typename Visit>
  void ForEachTap(Visit&& visit) const {
    const size_t depth = g.channels / g.groups;
    const size_t outputs = g.output_channels / g.groups;
    size_t tap = 0;
    for (size_t o = 0; o < g.output_channels; ++o) {
      for (size_t c = 0; c < depth; ++c) {
        const size_t plane = (o / outputs * depth + c) * height;
        for (size_t ky = 0; ky < g.kernel_size; ++ky) {
          for (size_t kx = 0; kx < g.kernel_size; ++kx, ++tap) {
            visit(tap, o * g.output_pixels(),
                  (plane + ky * g.dilation) * width + kx * g.dilation);
          }
        }
      }
    }
  }

  const GroupedGeometry& g;
  size_t height;
  size_t width;
};

// `count` pixels that are `stride` apart, the other lanes zero.
HWY_INLINE Vec LoadPixels(const float* from, size_t stride, size_t count) {
  if (stride == 1) return simd::LoadSome(from, count);
  float pixels[simd::kLanes] = {};
  for (size_t i = 0; i < count; ++i) pixels[i] = from[i * stride];
  return simd::Load(pixels);
}

HWY_INLINE void AddToPixels(Vec values, float* to, size_t stride,
                            size_t count) {
  if (stride == 1) {
    simd::StoreSome(simd::hn::Add(simd::LoadSome(to, count), values), to,
                    count);
    return;
  }
  float terms[simd::kLanes];
  simd::Store(values, terms);
  for (size_t i = 0; i < count; ++i) to[i * stride] += terms[i];
}

void Pad(const Padded& padded, const float* image, float* to) {
  std::fill_n(to, padded.size(), 0.0f);
  padded.ForEachRun([&](size_t from, size_t at, size_t length) {
    std::copy_n(image + from, length, to + at);
  });
}

size_t SliceWorkspaceSize(const GroupedGeometry& g) {
  return RoundUp(Padded(g).size(), kLineFloats);
}

void ForwardSlice(const GroupedGeometry& g, size_t batch, const float* input,
                  const float* kernels, const float* biases, float* output,
                  float* workspace) {
  const Padded padded(g);
  for (size_t n = 0; n < batch; ++n) {
    Pad(padded, input + n * g.input_size(), workspace);
    float* image = output + n * g.output_size();
    for (size_t o = 0; o < g.output_channels; ++o) {
      std::fill_n(image + o * g.output_pixels(), g.output_pixels(),
                  biases == nullptr ? 0.0f : biases[o]);
    }
    padded.ForEachTap([&](size_t tap, size_t plane, size_t start) {
      const Vec weight = simd::Splat(kernels[tap]);
      for (size_t y = 0; y < g.output_height; ++y) {
        const float* from = workspace + start + y * g.stride * padded.width;
        float* to = image + plane + y * g.output_width;
        simd::ForEachVector(g.output_width, [&](size_t x, size_t count) {
          const Vec pixels = LoadPixels(from + x * g.stride, g.stride, count);
          simd::StoreSome(
              simd::MultiplyAdd(weight, pixels, simd::LoadSome(to + x, count)),
              to + x, count);
        });
      }
    });
  }
}

void KernelsGradientSlice(const GroupedGeometry& g, size_t batch,
                          const float* input, const float* output_gradient,
                          float* kernels_gradient, float* workspace) {
  const Padded padded(g);
  std::fill_n(kernels_gradient, g.kernels_size(), 0.0f);
  for (size_t n = 0; n < batch; ++n) {
    Pad(padded, input + n * g.input_size(), workspace);
    const float* image = output_gradient + n * g.output_size();
    padded.ForEachTap([&](size_t tap, size_t plane, size_t start) {
      Vec sum = simd::Splat(0.0f);
      for (size_t y = 0; y < g.output_height; ++y) {
        const float* from = workspace + start + y * g.stride * padded.width;
        const float* gradient = image + plane + y * g.output_width;
        simd::ForEachVector(g.output_width, [&](size_t x, size_t count) {
          sum = simd::MultiplyAdd(
              LoadPixels(from + x * g.stride, g.stride, count),
              simd::LoadSome(gradient + x, count), sum);
        });
      }
      kernels_gradient[tap] += simd::SumLanes(sum);
    });
  }
}

void InputGradientSlice(const GroupedGeometry& g, size_t batch,
                        const float* kernels, const float* output_gradient,
                        float* input_gradient, float* workspace) {
  const Padded padded(g);
  std::fill_n(input_gradient, batch * g.input_size(), 0.0f);
  for (size_t n = 0; n < batch; ++n) {
    std::fill_n(workspace, padded.size(), 0.0f);
    const float* image = output_gradient + n * g.output_size();
    padded.ForEachTap([&](size_t tap, size_t plane, size_t start) {
      const Vec weight = simd::Splat(kernels[tap]);
      for (size_t y = 0; y < g.output_height; ++y) {
        float* to = workspace + start + y * g.stride * padded.width;
        const float* gradient = image + plane + y * g.output_width;
        simd::ForEachVector(g.output_width, [&](size_t x, size_t count) {
          AddToPixels(
              simd::hn::Mul(weight, simd::LoadSome(gradient + x, count)),
              to + x * g.stride, g.stride, count);
        });
      }
    });
    padded.ForEachRun([&](size_t to, size_t at, size_t length) {
      std::copy_n(workspace + at, length,
                  input_gradient + n * g.input_size() + to);
    });
  }
}

}  // namespace

size_t GroupedConvolutionWorkspaceSize(const GroupedGeometry& g, size_t batch) {
  return GradientSlicesSize(batch, g.kernels_size()) +
         ThreadCount() * SliceWorkspaceSize(g);
}

void GroupedConvolutionForward(const GroupedGeometry& g, size_t batch,
                               const float* input, const float* kernels,
                               const float* biases, float* output,
                               float* workspace) {
  const size_t slice_workspace = SliceWorkspaceSize(g);
  ForEachSlice(batch, g.products(),
               [&](size_t first, size_t count, size_t thread) {
                 ForwardSlice(g, count, input + first * g.input_size(), kernels,
                              biases, output + first * g.output_size(),
                              workspace + thread * slice_workspace);
               });
}

void GroupedConvolutionKernelsGradient(const GroupedGeometry& g, size_t batch,
                                       const float* input,
                                       const float* output_gradient,
                                       float* kernels_gradient,
                                       float* workspace) {
  const size_t slice_workspace = SliceWorkspaceSize(g);
  float* sums = workspace + ThreadCount() * slice_workspace;
  SumOverSlices(batch, g.kernels_size(), sums, kernels_gradient,
                [&](size_t first, size_t count, size_t thread, float* sum) {
                  KernelsGradientSlice(
                      g, count, input + first * g.input_size(),
                      output_gradient + first * g.output_size(), sum,
                      workspace + thread * slice_workspace);
                });
}

void GroupedConvolutionInputGradient(const GroupedGeometry& g, size_t batch,
                                     const float* kernels,
                                     const float* output_gradient,
                                     float* input_gradient, float* workspace) {
  const size_t slice_workspace = SliceWorkspaceSize(g);
  ForEachSlice(batch, g.products(),
               [&](size_t first, size_t count, size_t thread) {
                 InputGradientSlice(g, count, kernels,
                                    output_gradient + first * g.output_size(),
                                    input_gradient + first * g.input_size(),
                                    workspace + thread * slice_workspace);
               });
}

}  // namespace lamella
