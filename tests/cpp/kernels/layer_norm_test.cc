// Layer normalization against float64.
#include "kernels/layer_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

// Rows shorter and longer than those that are worth vectors, whole and not.
constexpr size_t kSizes[] = {1, 4, 15, 16, 17, 40};

TEST(LayerNormKernel, TakesNumbersOfAnySize) {
  for (const float scale : {1e-25f, 1e-3f, 1.0f, 1e20f, 1e37f}) {
    for (const size_t features : kSizes) {
      std::vector<float> x(features);
      for (size_t i = 0; i < features; ++i) {
        x[i] = scale * static_cast<float>((i * 7 + 3) % 11);
      }
      double mean = 0, variance = 0;
      for (float each : x) mean += each / static_cast<double>(features);
      for (float each : x) {
        variance +=
            (each - mean) * (each - mean) / static_cast<double>(features);
      }
      const double deviation = std::sqrt(variance);
      std::vector<double> wanted;
      for (float each : x) {
        wanted.push_back(deviation == 0 ? 0 : (each - mean) / deviation);
      }
      const std::vector<float> ones(features, 1), zeros(features, 0);
      std::vector<float> normalized(features), y(features);
      float inverse_deviation;
      LayerNorm(Pool(), 1, features, x.data(), 0, ones.data(), zeros.data(),
                normalized.data(), &inverse_deviation, y.data());
      EXPECT_TRUE(
          Close(Cat(scale, ", ", features), normalized, wanted, 8 * kEpsilon));
      EXPECT_EQ(y, normalized);
    }
  }
}

TEST(LayerNormKernel, InputGradient) {
  for (const size_t features : kSizes) {
    Uniform uniform(features);
    const std::vector<float> z = uniform.Values(features),
                             gamma = uniform.Values(features),
                             g = uniform.Values(features);
    const float inverse_deviation = 0.75f;
    double sum = 0, product = 0;
    for (size_t i = 0; i < features; ++i) {
      const double h = static_cast<double>(g[i]) * gamma[i];
      sum += h / static_cast<double>(features);
      product += h * z[i] / static_cast<double>(features);
    }
    std::vector<double> wanted;
    for (size_t i = 0; i < features; ++i) {
      wanted.push_back(
          inverse_deviation *
          (static_cast<double>(g[i]) * gamma[i] - sum - z[i] * product));
    }
    std::vector<float> got(features);
    LayerNormInputGradient(Pool(), 1, features, z.data(), &inverse_deviation,
                           gamma.data(), g.data(), got.data());
    EXPECT_TRUE(Close(Cat(features), got, wanted, 8 * kEpsilon));
  }
}

}  // namespace
}  // namespace lamella::test
