// Group normalization against float64.
#include "kernels/group_norm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

// Vectors within a channel and across channels, whole and not; groups of one
// number; rows on both sides of the channels.
constexpr GroupNormGeometry kGeometries[] = {
    {2, 1, 6, 35, 3}, {1, 1, 4, 16, 1},  {3, 1, 2, 2, 2},  {2, 7, 12, 1, 4},
    {1, 9, 21, 1, 7}, {2, 1, 10, 1, 10}, {2, 1, 24, 1, 2}, {2, 3, 6, 5, 2},
};

struct Result {
  std::vector<double> y, gamma_gradient, beta_gradient, input_gradient;
};

Result Naive(const GroupNormGeometry& g, const std::vector<float>& x,
             double epsilon, const std::vector<float>& gamma,
             const std::vector<float>& beta,
             const std::vector<float>& upstream) {
  Result result = {.y = std::vector<double>(x.size()),
                   .gamma_gradient = std::vector<double>(g.channels),
                   .beta_gradient = std::vector<double>(g.channels),
                   .input_gradient = std::vector<double>(x.size())};
  const size_t own = g.channels / g.groups;
  for (size_t n = 0; n < g.batch; ++n) {
    for (size_t group = 0; group < g.groups; ++group) {
      std::vector<std::pair<size_t, size_t>> places;  // and channels
      for (size_t o = 0; o < g.outer; ++o) {
        for (size_t c = group * own; c < (group + 1) * own; ++c) {
          for (size_t i = 0; i < g.inner; ++i) {
            places.push_back(
                {((n * g.outer + o) * g.channels + c) * g.inner + i, c});
          }
        }
      }
      const double count = static_cast<double>(places.size());
      double mean = 0, variance = 0, sum = 0, product = 0;
      for (const auto& [at, c] : places) mean += x[at];
      mean /= count;
      for (const auto& [at, c] : places) {
        variance += (x[at] - mean) * (x[at] - mean) / count;
      }
      const double deviation = std::sqrt(variance + epsilon);
      const double inverse = deviation == 0 ? 0 : 1 / deviation;
      for (const auto& [at, c] : places) {
        const double unit = (x[at] - mean) * inverse;
        const double h = static_cast<double>(gamma[c]) * upstream[at];
        result.y[at] = gamma[c] * unit + beta[c];
        result.gamma_gradient[c] += upstream[at] * unit;
        result.beta_gradient[c] += upstream[at];
        sum += h / count;
        product += h * unit / count;
      }
      for (const auto& [at, c] : places) {
        const double unit = (x[at] - mean) * inverse;
        const double h = static_cast<double>(gamma[c]) * upstream[at];
        result.input_gradient[at] = inverse * (h - sum - unit * product);
      }
    }
  }
  return result;
}

void Check(const GroupNormGeometry& g, const std::vector<float>& x,
           double epsilon, double tolerance) {
  SCOPED_TRACE(Cat(g.batch, ", ", g.outer, ", ", g.channels, ", ", g.inner,
                   " in ", g.groups));
  Uniform uniform(7);
  const auto gamma = uniform.Values(g.channels),
             beta = uniform.Values(g.channels),
             upstream = uniform.Values(x.size());
  const Result wanted = Naive(g, x, epsilon, gamma, beta, upstream);
  const size_t numbers = g.batch * g.channels;
  std::vector<float> mean(numbers), rest(numbers), inverse(numbers),
      y(x.size()), gamma_gradient(g.channels), beta_gradient(g.channels),
      input_gradient(x.size()), workspace(GroupNormGradientWorkspace(g));
  const GroupMoments moments = {mean.data(), rest.data(), inverse.data()};
  GroupNorm(Pool(), g, x.data(), epsilon, gamma.data(), beta.data(), moments,
            y.data());
  EXPECT_TRUE(Close("y", y, wanted.y, tolerance));
  for (const bool wants_input : {false, true}) {
    GroupNormGradient(Pool(), g, x.data(), moments, gamma.data(),
                      upstream.data(), workspace.data(), gamma_gradient.data(),
                      beta_gradient.data(),
                      wants_input ? input_gradient.data() : nullptr);
    EXPECT_TRUE(
        Close("gamma", gamma_gradient, wanted.gamma_gradient, 40 * tolerance));
    EXPECT_TRUE(
        Close("beta", beta_gradient, wanted.beta_gradient, 40 * tolerance));
  }
  const double scale = *std::ranges::max_element(inverse);
  EXPECT_TRUE(Close("input", input_gradient, wanted.input_gradient,
                    4 * tolerance * std::max(1.0, scale)));
}

TEST(GroupNormKernel, AgreesWithFloat64) {
  for (const GroupNormGeometry& g : kGeometries) {
    const auto x = Uniform(g.channels).Values(g.batch * g.sample_size());
    Check(g, x, 1e-3, 16 * kEpsilon);
  }
}

TEST(GroupNormKernel, LargeMeansLoseNothing) {
  for (const GroupNormGeometry& g : kGeometries) {
    auto x = Uniform(g.channels).Values(g.batch * g.sample_size());
    // Sixteenths, which float32 has beside a million.
    for (float& v : x) v = 1e6f + std::round(16 * v) / 16;
    Check(g, x, 1e-3, 64 * kEpsilon);
  }
}

TEST(GroupNormKernel, ConstantGroupsStayZeroAndNanStaysInItsGroup) {
  for (const GroupNormGeometry& g : kGeometries) {
    std::vector<float> x(g.batch * g.sample_size(), 3);
    Check(g, x, 0, 16 * kEpsilon);
    x[0] = std::numeric_limits<float>::quiet_NaN();
    Check(g, x, 0, 16 * kEpsilon);
  }
}

}  // namespace
}  // namespace lamella::test
