#include "kernels/layer_norm.h"

#include <cmath>

#include "kernels/elementwise.h"
#include "kernels/parallel-inl.h"
#include "kernels/reductions.h"

namespace lamella {
namespace {

using simd::Vec;
namespace hn = simd::hn;

// Calls body(start, n) for every row, which begins at place `start`.
template <typename Body>
void ForEachRow(size_t rows, size_t features, const Body& body) {
  ParallelRows(rows, features, [=](size_t first, size_t own) {
    for (size_t n = first; n < first + own; ++n) body(n * features, n);
  });
}

}  // namespace

void LayerNorm(size_t rows, size_t features, const float* x, double epsilon,
               const float* gamma, const float* beta, float* normalized,
               float* inverse_deviation, float* y) {
  ForEachRow(rows, features, [=](size_t start, size_t n) {
    const Moments moments = ChannelMoments({1, features, features}, x + start);
    // A constant row without epsilon: what is 0 stays 0.
    const double deviation = std::sqrt(moments.variance + epsilon);
    inverse_deviation[n] =
        deviation == 0.0 ? 0.0f : static_cast<float>(1.0 / deviation);
    const Vec mean = simd::Splat(moments.mean);
    const Vec rest = simd::Splat(moments.mean_rest);
    const Vec scale = simd::Splat(inverse_deviation[n]);
    simd::ForEachVector(features, [&](size_t i, size_t count) {
      const Vec v = simd::LoadSome(x + start + i, count);
      const Vec unit = hn::Mul(hn::Sub(hn::Sub(v, mean), rest), scale);
      simd::StoreSome(unit, normalized + start + i, count);
      simd::StoreSome(hn::Add(hn::Mul(simd::LoadSome(gamma + i, count), unit),
                              simd::LoadSome(beta + i, count)),
                      y + start + i, count);
    });
  });
}

void LayerNormInputGradient(size_t rows, size_t features,
                            const float* normalized,
                            const float* inverse_deviation, const float* gamma,
                            const float* output_gradient,
                            float* input_gradient) {
  const double count = static_cast<double>(features);
  const ChannelView row = {1, features, features};
  ForEachRow(rows, features, [=, &row](size_t start, size_t n) {
    const float* z = normalized + start;
    float* h = input_gradient + start;
    Multiply(output_gradient + start, gamma, h, features);
    const Vec mean =
        simd::Splat(static_cast<float>(SumChannel(row, h) / count));
    const Vec slope =
        simd::Splat(static_cast<float>(SumProducts(row, h, z, 0.0f) / count));
    const Vec scale = simd::Splat(inverse_deviation[n]);
    simd::ForEachVector(features, [&](size_t i, size_t own) {
      const Vec centred = hn::Sub(simd::LoadSome(h + i, own), mean);
      const Vec along = hn::Mul(simd::LoadSome(z + i, own), slope);
      simd::StoreSome(hn::Mul(scale, hn::Sub(centred, along)), h + i, own);
    });
  });
}

}  // namespace lamella
