// Batch normalization kernels against float64.
#include "kernels/batch_norm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

std::vector<BatchNormGeometry> Geometries() {
  std::vector<BatchNormGeometry> geometries;
  for (size_t batch : {1, 2, 5, 64}) {
    for (size_t channels : {1, 2, 3, 4, 5, 9}) {
      for (size_t pixels : {1, 2, 3, 4, 7, 49}) {
        geometries.push_back(
            {.batch = batch, .channels = channels, .pixels = pixels});
      }
    }
  }
  return geometries;
}

std::string Describe(const BatchNormGeometry& g) {
  return Cat("batch ", g.batch, ", channels ", g.channels, ", pixels ",
             g.pixels);
}

size_t Channel(const BatchNormGeometry& g, size_t i) {
  return i / g.pixels % g.channels;
}

// Float32 sums run over the pixels of one image; the rest is float64.
double SumError(const BatchNormGeometry& g) {
  return (static_cast<double>(g.pixels) + 2) * kEpsilon / 2;
}

TEST(BatchNormKernels, Moments) {
  for (const BatchNormGeometry& g : Geometries()) {
    for (float offset : {0.0f, 100.0f}) {
      SCOPED_TRACE(Cat(Describe(g), ", offset ", static_cast<double>(offset)));
      Uniform uniform(1);
      const std::vector<float> x =
          uniform.Values(g.size(), offset - 1, offset + 1);
      const double count = static_cast<double>(g.batch * g.pixels);
      std::vector<double> mean(g.channels), variance(g.channels);
      for (size_t i = 0; i < x.size(); ++i) {
        mean[Channel(g, i)] += x[i] / count;
      }
      for (size_t i = 0; i < x.size(); ++i) {
        const double d = x[i] - mean[Channel(g, i)];
        variance[Channel(g, i)] += d * d / count;
      }
      const double mean_error = SumError(g) * (offset + 1);
      std::vector<float> got_mean(g.channels, NAN);
      std::vector<float> got_variance(g.channels, NAN);
      std::vector<float> got_rest(g.channels, NAN);
      BatchMoments(Pool(), g, x.data(), got_mean.data(), got_rest.data(),
                   got_variance.data());
      EXPECT_TRUE(Close("mean", got_mean, mean, mean_error));
      // Two passes: the variance sees only the square of the mean's error, and
      // that each x - mean of at most 2 is rounded to the grid of the offset.
      EXPECT_TRUE(Close("variance", got_variance, variance,
                        4 * SumError(g) + mean_error * mean_error +
                            (offset + 1) * kEpsilon * 2));
    }
  }
}

struct Data {
  explicit Data(const BatchNormGeometry& g)
      : uniform(g.size()),
        x(uniform.Values(g.size())),
        gradient(uniform.Values(g.size())),
        mean(uniform.Values(g.channels)),
        variance(uniform.Values(g.channels, 0.5f, 2.0f)),
        gamma(uniform.Values(g.channels, 0.5f, 1.5f)),
        beta(uniform.Values(g.channels)),
        deviation(uniform.Values(g.channels, 0.5f, 1.5f)) {}

  /// `deviation` and `inverse` are 1 over what numbers deviate by.
  BatchNormParameters Parameters(const std::vector<float>& inverse) const {
    return {mean.data(), nullptr, inverse.data(), gamma.data(), beta.data()};
  }
  double Normalized(size_t c, float value) const {
    return (static_cast<double>(value) - mean[c]) * deviation[c];
  }

  Uniform uniform;
  std::vector<float> x, gradient, mean, variance, gamma, beta, deviation;
};

TEST(BatchNormKernels, Normalizes) {
  constexpr float kOffset = 0.125f;
  for (const BatchNormGeometry& g : Geometries()) {
    SCOPED_TRACE(Describe(g));
    const Data data(g);
    std::vector<double> normalized(g.size()), inverse(g.channels), y(g.size());
    for (size_t c = 0; c < g.channels; ++c) {
      inverse[c] =
          1 / std::sqrt(static_cast<double>(data.variance[c]) + kOffset);
    }
    for (size_t i = 0; i < g.size(); ++i) {
      const size_t c = Channel(g, i);
      normalized[i] =
          (static_cast<double>(data.x[i]) - data.mean[c]) * inverse[c];
      y[i] = data.gamma[c] * normalized[i] + data.beta[c];
    }
    std::vector<float> got_y(g.size(), NAN), got_inverse(g.channels, NAN);
    InverseDeviations(data.variance.data(), kOffset, g.channels,
                      got_inverse.data());
    BatchNorm(Pool(), g, data.Parameters(got_inverse), data.x.data(), false,
              got_y.data());
    // |x - mean| <= 2, 1 / deviation < 1.3, gamma < 1.5: a few roundings of
    // numbers below 4.
    EXPECT_TRUE(Close("inverse", got_inverse, inverse, 4 * kEpsilon));
    EXPECT_TRUE(Close("y", got_y, y, 16 * kEpsilon));
    // In place, and with a ReLU after it.
    std::vector<float> rectified = data.x;
    BatchNorm(Pool(), g, data.Parameters(got_inverse), rectified.data(), true,
              rectified.data());
    for (size_t i = 0; i < g.size(); ++i) {
      EXPECT_EQ(rectified[i], std::max(got_y[i], 0.0f));
    }
  }
}

TEST(BatchNormKernels, FoldsIntoTheWeightsBeforeIt) {
  // 7 kernels of 5 numbers over one position: y = kernels * x + biases.
  constexpr size_t kChannels = 7, kSize = 5;
  const BatchNormGeometry g = {.batch = 1, .channels = kChannels, .pixels = 1};
  const Data data(g);
  Uniform uniform(5);
  const auto kernels = uniform.Values(kChannels * kSize, -1, 1);
  const auto x = uniform.Values(kSize, -1, 1);
  const auto biases = uniform.Values(kChannels, -1, 1);
  const BatchNormParameters parameters = data.Parameters(data.deviation);
  for (const float* given :
       {biases.data(), static_cast<const float*>(nullptr)}) {
    std::vector<float> sums(kChannels), wanted(kChannels);
    std::vector<float> folded(kernels.size(), NAN), shift(kChannels, NAN);
    for (size_t c = 0; c < kChannels; ++c) {
      sums[c] = std::inner_product(x.begin(), x.end(), &kernels[c * kSize],
                                   given == nullptr ? 0.0f : given[c]);
    }
    BatchNorm(Pool(), g, parameters, sums.data(), false, wanted.data());
    FoldBatchNorm(parameters, kChannels, kSize, kernels.data(), given,
                  folded.data(), shift.data());
    for (size_t c = 0; c < kChannels; ++c) {
      EXPECT_NEAR(
          std::inner_product(x.begin(), x.end(), &folded[c * kSize], shift[c]),
          wanted[c], 32 * kEpsilon);
    }
  }
}

TEST(BatchNormKernels, AConstantChannelWithoutEpsilonIsBeta) {
  const BatchNormGeometry g = {.batch = 3, .channels = 1, .pixels = 2};
  const std::vector<float> x(g.size(), 7.0f);
  float mean, rest, variance, inverse;
  BatchMoments(Pool(), g, x.data(), &mean, &rest, &variance);
  const float gamma = 2.0f, beta = 0.5f;
  std::vector<float> y(g.size(), NAN);
  InverseDeviations(&variance, 0.0f, 1, &inverse);
  BatchNorm(Pool(), g, {&mean, &rest, &inverse, &gamma, &beta}, x.data(), false,
            y.data());
  EXPECT_EQ(y, std::vector<float>(g.size(), 0.5f));
  EXPECT_EQ(inverse, 0.0f);
}

TEST(BatchNormKernels, ParamsGradient) {
  for (const BatchNormGeometry& g : Geometries()) {
    SCOPED_TRACE(Describe(g));
    const Data data(g);
    std::vector<double> gamma(g.channels), beta(g.channels);
    std::vector<double> tolerance(g.channels);
    for (size_t i = 0; i < g.size(); ++i) {
      const size_t c = Channel(g, i);
      gamma[c] += data.Normalized(c, data.x[i]) * data.gradient[i];
      beta[c] += data.gradient[i];
      // |normalized| < 3.
      tolerance[c] += 3 * SumError(g) * std::fabs(data.gradient[i]);
    }
    std::vector<float> got_gamma(g.channels, NAN), got_beta(g.channels, NAN);
    BatchNormParamsGradient(Pool(), g, data.Parameters(data.deviation),
                            data.x.data(), data.gradient.data(),
                            got_gamma.data(), got_beta.data());
    EXPECT_TRUE(Close("gamma gradient", got_gamma, gamma, tolerance));
    EXPECT_TRUE(Close("beta gradient", got_beta, beta, tolerance));
  }
}

TEST(BatchNormKernels, InputGradient) {
  for (const BatchNormGeometry& g : Geometries()) {
    SCOPED_TRACE(Describe(g));
    const Data data(g);
    // As large as sums over the batch are.
    const float count = static_cast<float>(g.batch * g.pixels);
    Uniform uniform(8);
    const auto gamma_gradient = uniform.Values(g.channels, -count, count);
    const auto beta_gradient = uniform.Values(g.channels, -count, count);
    std::vector<double> wanted(g.size()), constant(g.size());
    for (size_t i = 0; i < g.size(); ++i) {
      const size_t c = Channel(g, i);
      const double scale =
          static_cast<double>(data.gamma[c]) * data.deviation[c];
      const double sums = static_cast<double>(beta_gradient[c]) +
                          data.Normalized(c, data.x[i]) * gamma_gradient[c];
      wanted[i] = scale * (data.gradient[i] - sums / count);
      constant[i] = scale * data.gradient[i];
    }
    for (const float inverse_count : {1.0f / count, 0.0f}) {
      std::vector<float> got(g.size(), NAN);
      BatchNormInputGradient(Pool(), g, data.Parameters(data.deviation),
                             inverse_count, gamma_gradient.data(),
                             beta_gradient.data(), data.x.data(),
                             data.gradient.data(), got.data());
      // Three terms, of at most 1, 1 and 3, times 2.25.
      EXPECT_TRUE(Close("gradient", got, inverse_count > 0 ? wanted : constant,
                        16 * kEpsilon));
    }
  }
}

}  // namespace
}  // namespace lamella::test
