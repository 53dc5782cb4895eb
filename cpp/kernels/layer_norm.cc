#include "kernels/layer_norm.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace lamella {

void LayerNorm(size_t rows, size_t features, const float* x, double epsilon,
               const float* gamma, const float* beta, float* normalized,
               float* inverse_deviation, float* y) {
  assert(features >= 1);
  const double count = static_cast<double>(features);
  for (size_t n = 0; n < rows; ++n) {
    const size_t start = n * features;
    double sum = 0.0;
    for (size_t i = 0; i < features; ++i) sum += x[start + i];
    const double mean = sum / count;
    double squares = 0.0;
    for (size_t i = 0; i < features; ++i) {
      const double centred = x[start + i] - mean;
      squares += centred * centred;
    }
    // A constant row without epsilon: what is 0 stays 0.
    const double deviation = std::sqrt(squares / count + epsilon);
    const double inverse = deviation == 0.0 ? 0.0 : 1.0 / deviation;
    inverse_deviation[n] = static_cast<float>(inverse);
    for (size_t i = 0; i < features; ++i) {
      const float value = static_cast<float>((x[start + i] - mean) * inverse);
      normalized[start + i] = value;
      y[start + i] = gamma[i] * value + beta[i];
    }
  }
}

void LayerNormInputGradient(size_t rows, size_t features,
                            const float* normalized,
                            const float* inverse_deviation, const float* gamma,
                            const float* output_gradient,
                            float* input_gradient) {
  const double count = static_cast<double>(features);
  for (size_t n = 0; n < rows; ++n) {
    const float* z = normalized + n * features;
    const float* g = output_gradient + n * features;
    double sum = 0.0, product = 0.0;
    for (size_t i = 0; i < features; ++i) {
      const double h = static_cast<double>(g[i]) * gamma[i];
      sum += h;
      product += h * z[i];
    }
    for (size_t i = 0; i < features; ++i) {
      const double h = static_cast<double>(g[i]) * gamma[i];
      input_gradient[n * features + i] = static_cast<float>(
          inverse_deviation[n] * (h - sum / count - z[i] * (product / count)));
    }
  }
}

}  // namespace lamella
