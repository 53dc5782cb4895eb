#include "kernels/layer_norm.h"

#include <cmath>

#include "kernels/parallel-inl.h"
#include "kernels/reductions.h"

namespace lamella {
namespace {

using simd::Vec;
namespace hn = simd::hn;

// Calls body(start, n) for every row, which begins at place `start`.
template <typename Body>
void ForEachRow(ThreadPool& pool, size_t rows, size_t features,
                const Body& body) {
  ParallelRows(pool, rows, features, [=](size_t first, size_t own) {
    for (size_t n = first; n < first + own; ++n) body(n * features, n);
  });
}

// Rows shorter than this are not worth the calls: 10 features take 1.4 times as
// long (Node 24).
constexpr size_t kShort = 16;

// Moments of which squares in float32 are neither infinite nor 0.
bool IsInRange(const Moments& moments) {
  return moments.variance > 0x1p-80f && moments.variance < 0x1p+80f;
}

// One row in float64: a short one, or one of huge, tiny or equal numbers.
void LayerNormRow(size_t features, const float* x, double epsilon,
                  const float* gamma, const float* beta, float* normalized,
                  float& inverse_deviation, float* y) {
  const double count = static_cast<double>(features);
  double sum = 0.0;
  for (size_t i = 0; i < features; ++i) sum += x[i];
  const double mean = sum / count;
  double squares = 0.0;
  for (size_t i = 0; i < features; ++i) {
    squares += (x[i] - mean) * (x[i] - mean);
  }
  // A constant row without epsilon: what is 0 stays 0.
  const double deviation = std::sqrt(squares / count + epsilon);
  const double inverse = deviation == 0.0 ? 0.0 : 1.0 / deviation;
  inverse_deviation = static_cast<float>(inverse);
  for (size_t i = 0; i < features; ++i) {
    normalized[i] = static_cast<float>((x[i] - mean) * inverse);
    y[i] = gamma[i] * normalized[i] + beta[i];
  }
}

}  // namespace

void LayerNorm(ThreadPool& pool, size_t rows, size_t features, const float* x,
               double epsilon, const float* gamma, const float* beta,
               float* normalized, float* inverse_deviation, float* y) {
  ForEachRow(pool, rows, features, [=](size_t start, size_t n) {
    const Moments moments =
        features < kShort ? Moments{}
                          : ChannelMoments({1, features, features}, x + start);
    if (!IsInRange(moments)) {
      return LayerNormRow(features, x + start, epsilon, gamma, beta,
                          normalized + start, inverse_deviation[n], y + start);
    }
    inverse_deviation[n] =
        static_cast<float>(1.0 / std::sqrt(moments.variance + epsilon));
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

void LayerNormInputGradient(ThreadPool& pool, size_t rows, size_t features,
                            const float* normalized,
                            const float* inverse_deviation, const float* gamma,
                            const float* output_gradient,
                            float* input_gradient) {
  const double count = static_cast<double>(features);
  ForEachRow(pool, rows, features, [=](size_t start, size_t n) {
    const float* z = normalized + start;
    const float* g = output_gradient + start;
    double sum = 0.0, product = 0.0;
    for (size_t i = 0; i < features; ++i) {
      const double h = static_cast<double>(g[i]) * gamma[i];
      sum += h;
      product += h * z[i];
    }
    for (size_t i = 0; i < features; ++i) {
      const double h = static_cast<double>(g[i]) * gamma[i];
      input_gradient[start + i] = static_cast<float>(
          inverse_deviation[n] * (h - sum / count - z[i] * (product / count)));
    }
  });
}

}  // namespace lamella
