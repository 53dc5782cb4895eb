#include "kernels/batch_norm.h"

#include <cassert>
#include <cmath>

#include "kernels/parallel-inl.h"
#include "kernels/reductions.h"

namespace lamella {
namespace {

using simd::Splat;
using simd::Vec;
namespace hn = simd::hn;

// Elementwise work with one set of coefficients per channel. For images the
// pixels of a channel are contiguous: `body(start, size, channel)` sees one
// run. For matrices it sees single elements.
template <typename Body>
void ForEachRun(const BatchNormGeometry& g, const Body& body) {
  ParallelRows(g.batch * g.channels, g.pixels,
               [=, &g](size_t first, size_t own) {
                 size_t channel = first % g.channels;
                 for (size_t run = first; run < first + own; ++run) {
                   body(run * g.pixels, g.pixels, channel);
                   if (++channel == g.channels) channel = 0;
                 }
               });
}

// Calls body(channel) for every channel.
template <typename Body>
void ForEachChannel(const BatchNormGeometry& g, const Body& body) {
  ParallelRows(g.channels, g.batch * g.pixels, [=](size_t first, size_t own) {
    for (size_t c = first; c < first + own; ++c) body(c);
  });
}

ChannelView ViewOfChannel(const BatchNormGeometry& g) {
  return {g.batch, g.channels * g.pixels, g.pixels};
}

}  // namespace

void BatchMoments(const BatchNormGeometry& g, const float* x, float* mean,
                  float* mean_rest, float* variance) {
  ForEachChannel(g, [=, &g](size_t c) {
    const Moments moments = ChannelMoments(ViewOfChannel(g), x + c * g.pixels);
    mean[c] = moments.mean;
    mean_rest[c] = moments.mean_rest;
    variance[c] = moments.variance;
  });
}

void BatchNorm(const BatchNormGeometry& g, const float* x, const float* mean,
               const float* mean_rest, const float* variance, float epsilon,
               const float* gamma, const float* beta, float* normalized,
               float* inverse_deviation, float* y) {
  for (size_t c = 0; c < g.channels; ++c) {
    // A constant channel without epsilon: what is 0 stays 0.
    const float deviation = std::sqrt(variance[c] + epsilon);
    inverse_deviation[c] = deviation == 0.0f ? 0.0f : 1.0f / deviation;
  }
  ForEachRun(g, [=](size_t start, size_t size, size_t c) {
    const Vec centre = Splat(mean[c]);
    const Vec rest = Splat(mean_rest == nullptr ? 0.0f : mean_rest[c]);
    const Vec scale = Splat(inverse_deviation[c]);
    const Vec slope = Splat(gamma[c]);
    const Vec offset = Splat(beta[c]);
    simd::ForEachVector(size, [&](size_t i, size_t count) {
      const Vec v = simd::LoadSome(x + start + i, count);
      const Vec unit = hn::Mul(hn::Sub(hn::Sub(v, centre), rest), scale);
      simd::StoreSome(unit, normalized + start + i, count);
      simd::StoreSome(hn::Add(hn::Mul(slope, unit), offset), y + start + i,
                      count);
    });
  });
}

void BatchNormParamsGradient(const BatchNormGeometry& g,
                             const float* normalized,
                             const float* output_gradient,
                             float* gamma_gradient, float* beta_gradient) {
  ForEachChannel(g, [=, &g](size_t c) {
    const ChannelView view = ViewOfChannel(g);
    const size_t start = c * g.pixels;
    gamma_gradient[c] = static_cast<float>(
        SumProducts(view, normalized + start, output_gradient + start, 0.0f));
    beta_gradient[c] =
        static_cast<float>(SumChannel(view, output_gradient + start));
  });
}

void BatchNormInputGradient(const BatchNormGeometry& g, float inverse_count,
                            const float* normalized,
                            const float* inverse_deviation, const float* gamma,
                            const float* gamma_gradient,
                            const float* beta_gradient,
                            const float* output_gradient,
                            float* input_gradient) {
  ForEachRun(g, [=](size_t start, size_t size, size_t c) {
    const Vec scale = Splat(gamma[c] * inverse_deviation[c]);
    const Vec mean_gradient = Splat(beta_gradient[c] * inverse_count);
    const Vec projection = Splat(gamma_gradient[c] * inverse_count);
    simd::ForEachVector(size, [&](size_t i, size_t count) {
      const Vec gradient = simd::LoadSome(output_gradient + start + i, count);
      const Vec unit = simd::LoadSome(normalized + start + i, count);
      const Vec centred =
          hn::Sub(hn::Sub(gradient, mean_gradient), hn::Mul(unit, projection));
      simd::StoreSome(hn::Mul(scale, centred), input_gradient + start + i,
                      count);
    });
  });
}

}  // namespace lamella
