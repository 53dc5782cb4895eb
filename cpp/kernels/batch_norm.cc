#include "kernels/batch_norm.h"

#include <cassert>
#include <cmath>

#include "kernels/parallel-inl.h"
#include "kernels/rectifier-inl.h"
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
void ForEachRun(ThreadPool& pool, const BatchNormGeometry& g,
                const Body& body) {
  ParallelRows(pool, g.batch * g.channels, g.pixels,
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
void ForEachChannel(ThreadPool& pool, const BatchNormGeometry& g,
                    const Body& body) {
  ParallelRows(pool, g.channels, g.batch * g.pixels,
               [=](size_t first, size_t own) {
                 for (size_t c = first; c < first + own; ++c) body(c);
               });
}

// The normalization of a channel.
class Normalization {
 public:
  Normalization(const BatchNormParameters& parameters, size_t c)
      : mean_(Splat(parameters.mean[c])),
        rest_(Splat(parameters.mean_rest == nullptr ? 0.0f
                                                    : parameters.mean_rest[c])),
        scale_(Splat(parameters.inverse_deviation[c])) {}

  Vec operator()(Vec x) const {
    return hn::Mul(hn::Sub(hn::Sub(x, mean_), rest_), scale_);
  }

 private:
  Vec mean_, rest_, scale_;
};

ChannelView ViewOfChannel(const BatchNormGeometry& g) {
  return {g.batch, g.channels * g.pixels, g.pixels};
}

}  // namespace

void BatchMoments(ThreadPool& pool, const BatchNormGeometry& g, const float* x,
                  float* mean, float* mean_rest, float* variance) {
  ForEachChannel(pool, g, [=, &g](size_t c) {
    const Moments moments = ChannelMoments(ViewOfChannel(g), x + c * g.pixels);
    mean[c] = moments.mean;
    mean_rest[c] = moments.mean_rest;
    variance[c] = moments.variance;
  });
}

void InverseDeviations(const float* variance, float epsilon, size_t size,
                       float* inverse_deviation) {
  for (size_t c = 0; c < size; ++c) {
    const float deviation = std::sqrt(variance[c] + epsilon);
    inverse_deviation[c] = deviation == 0.0f ? 0.0f : 1.0f / deviation;
  }
}

void BatchNorm(ThreadPool& pool, const BatchNormGeometry& g,
               const BatchNormParameters& parameters, const float* x,
               bool rectify, float* y) {
  ForEachRun(pool, g, [=](size_t start, size_t size, size_t c) {
    const Normalization normalize(parameters, c);
    const Vec slope = Splat(parameters.gamma[c]);
    const Vec offset = Splat(parameters.beta[c]);
    simd::ForEachVector(size, [&](size_t i, size_t count) {
      const Vec unit = normalize(simd::LoadSome(x + start + i, count));
      const Vec sum = hn::Add(hn::Mul(slope, unit), offset);
      simd::StoreSome(rectify ? simd::Rectify(sum) : sum, y + start + i, count);
    });
  });
}

void FoldBatchNorm(const BatchNormParameters& parameters, size_t channels,
                   size_t column_size, const float* kernels,
                   const float* biases, float* folded_kernels,
                   float* folded_biases) {
  const auto& [mean, mean_rest, inverse_deviation, gamma, beta] = parameters;
  assert(mean_rest == nullptr);
  for (size_t c = 0; c < channels; ++c) {
    const float scale = gamma[c] * inverse_deviation[c];
    const float bias = biases == nullptr ? 0.0f : biases[c];
    folded_biases[c] = (bias - mean[c]) * scale + beta[c];
    const size_t start = c * column_size;
    simd::ForEachVector(column_size, [&](size_t i, size_t count) {
      const Vec kernel = simd::LoadSome(kernels + start + i, count);
      simd::StoreSome(hn::Mul(kernel, Splat(scale)), folded_kernels + start + i,
                      count);
    });
  }
}

void BatchNormParamsGradient(ThreadPool& pool, const BatchNormGeometry& g,
                             const BatchNormParameters& parameters,
                             const float* x, const float* output_gradient,
                             float* gamma_gradient, float* beta_gradient) {
  ForEachChannel(pool, g, [=](size_t c) {
    const ChannelView view = ViewOfChannel(g);
    const size_t start = c * g.pixels;
    const float mean = parameters.mean[c];
    const float rest =
        parameters.mean_rest == nullptr ? 0.0f : parameters.mean_rest[c];
    const double sum = SumChannel(view, output_gradient + start);
    const double products =
        SumProducts(view, x + start, mean, output_gradient + start, 0.0f);
    gamma_gradient[c] = static_cast<float>((products - rest * sum) *
                                           parameters.inverse_deviation[c]);
    beta_gradient[c] = static_cast<float>(sum);
  });
}

void BatchNormInputGradient(ThreadPool& pool, const BatchNormGeometry& g,
                            const BatchNormParameters& parameters,
                            float inverse_count, const float* gamma_gradient,
                            const float* beta_gradient, const float* x,
                            const float* output_gradient,
                            float* input_gradient) {
  ForEachRun(pool, g, [=](size_t start, size_t size, size_t c) {
    const Normalization normalize(parameters, c);
    const Vec scale =
        Splat(parameters.gamma[c] * parameters.inverse_deviation[c]);
    const Vec mean_gradient = Splat(beta_gradient[c] * inverse_count);
    const Vec projection = Splat(gamma_gradient[c] * inverse_count);
    simd::ForEachVector(size, [&](size_t i, size_t count) {
      const Vec gradient = simd::LoadSome(output_gradient + start + i, count);
      const Vec unit = normalize(simd::LoadSome(x + start + i, count));
      const Vec centred =
          hn::Sub(hn::Sub(gradient, mean_gradient), hn::Mul(unit, projection));
      simd::StoreSome(hn::Mul(scale, centred), input_gradient + start + i,
                      count);
    });
  });
}

}  // namespace lamella
