// Pooling against its definition.
#include "kernels/pooling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

constexpr size_t kPlanes = 3;

std::vector<PoolingGeometry> Geometries() {
  std::vector<PoolingGeometry> geometries;
  for (size_t pool : {1, 2, 3, 4}) {
    for (size_t stride : {1, 2, 3, 5}) {
      for (size_t rest : {0, 1, 2, 3, 6, 9}) {
        geometries.push_back({.height = pool + rest,
                              .width = pool + 2 * rest,
                              .pool_size = pool,
                              .stride = stride});
        geometries.push_back({.height = pool + 3 * rest,
                              .width = pool + rest,
                              .pool_size = pool,
                              .stride = stride});
      }
    }
  }
  // The sizes that networks have.
  for (size_t size : {8, 24, 27, 28}) {
    geometries.push_back(
        {.height = size, .width = size, .pool_size = 2, .stride = 2});
    geometries.push_back(
        {.height = size, .width = size, .pool_size = 3, .stride = 2});
  }
  return geometries;
}

std::string Describe(const PoolingGeometry& g) {
  return Cat("images ", g.height, "x", g.width, ", pool ", g.pool_size,
             ", stride ", g.stride);
}

size_t InputSize(const PoolingGeometry& g) {
  return kPlanes * g.height * g.width;
}
size_t OutputSize(const PoolingGeometry& g) {
  return kPlanes * g.output_height() * g.output_width();
}

// Calls visit(output, plane, place in the plane) for every element of every
// window, windows and their elements in row-major order.
template <typename Visit>
void ForEachElement(const PoolingGeometry& g, Visit&& visit) {
  size_t output = 0;
  for (size_t plane = 0; plane < kPlanes; ++plane) {
    for (size_t y = 0; y + g.pool_size <= g.height; y += g.stride) {
      for (size_t x = 0; x + g.pool_size <= g.width; x += g.stride, ++output) {
        for (size_t i = 0; i < g.pool_size * g.pool_size; ++i) {
          visit(output, plane,
                (y + i / g.pool_size) * g.width + x + i % g.pool_size);
        }
      }
    }
  }
}

struct MaxPooled {
  std::vector<float> output;
  std::vector<uint32_t> indices;
};

MaxPooled NaiveMaxPool(const PoolingGeometry& g,
                       const std::vector<float>& input) {
  MaxPooled result{std::vector<float>(OutputSize(g)),
                   std::vector<uint32_t>(OutputSize(g), UINT32_MAX)};
  ForEachElement(g, [&](size_t output, size_t plane, size_t place) {
    const float value = input[plane * g.height * g.width + place];
    const bool first = result.indices[output] == UINT32_MAX;
    const float best = result.output[output];
    if (first || (!std::isnan(best) && (value > best || std::isnan(value)))) {
      result.output[output] = value;
      result.indices[output] = static_cast<uint32_t>(place);
    }
  });
  return result;
}

void CheckMaxPool(const PoolingGeometry& g, const std::vector<float>& input) {
  SCOPED_TRACE(Describe(g));
  const MaxPooled wanted = NaiveMaxPool(g, input);
  std::vector<float> output(OutputSize(g), -777.0f);
  std::vector<uint32_t> indices(OutputSize(g), UINT32_MAX);
  MaxPool(g, kPlanes, input.data(), output.data(), indices.data());
  EXPECT_TRUE(Close("output", output, ToDouble(wanted.output), 0.0));
  EXPECT_EQ(indices, wanted.indices);
  std::vector<float> alone(OutputSize(g), -777.0f);
  MaxPool(g, kPlanes, input.data(), alone.data(), nullptr);
  EXPECT_TRUE(Close("output alone", alone, ToDouble(wanted.output), 0.0));
}

TEST(MaxPool, FollowsItsDefinition) {
  for (const PoolingGeometry& g : Geometries()) {
    Uniform uniform(1);
    CheckMaxPool(g, uniform.Values(InputSize(g)));
  }
}

TEST(MaxPool, FirstOfEqualsWins) {
  for (const PoolingGeometry& g : Geometries()) {
    Uniform uniform(2);
    std::vector<float> input = uniform.Values(InputSize(g), 0, 3);
    for (float& value : input) value = std::floor(value);
    CheckMaxPool(g, input);
    CheckMaxPool(g, std::vector<float>(InputSize(g), 0.0f));
  }
}

TEST(MaxPool, NaNWins) {
  for (const PoolingGeometry& g : Geometries()) {
    Uniform uniform(3);
    std::vector<float> input = uniform.Values(InputSize(g));
    for (float& value : input) {
      if (uniform(0, 1) < 0.2f) value = NAN;
    }
    CheckMaxPool(g, input);
  }
}

TEST(MaxPool, InfinitiesAndNegatives) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kLowest = std::numeric_limits<float>::lowest();
  for (const PoolingGeometry& g : Geometries()) {
    Uniform uniform(4);
    CheckMaxPool(g, uniform.Values(InputSize(g), -9, -1));
    CheckMaxPool(g, std::vector<float>(InputSize(g), -kInfinity));
    CheckMaxPool(g, std::vector<float>(InputSize(g), kLowest));
    std::vector<float> input = uniform.Values(InputSize(g));
    for (float& value : input) {
      if (uniform() > 0.5f) value = uniform() > 0 ? kInfinity : -kInfinity;
    }
    CheckMaxPool(g, input);
  }
}

TEST(MaxPool, GradientGoesToTheGreatest) {
  for (const PoolingGeometry& g : Geometries()) {
    SCOPED_TRACE(Describe(g));
    Uniform uniform(5);
    const std::vector<float> input = uniform.Values(InputSize(g));
    const std::vector<float> gradient = uniform.Values(OutputSize(g));
    const MaxPooled pooled = NaiveMaxPool(g, input);
    std::vector<double> wanted(InputSize(g));
    const size_t outputs = g.output_height() * g.output_width();
    for (size_t i = 0; i < gradient.size(); ++i) {
      wanted[i / outputs * g.height * g.width + pooled.indices[i]] +=
          gradient[i];
    }
    std::vector<float> got(InputSize(g), NAN);
    MaxPoolGradient(g, kPlanes, gradient.data(), pooled.indices.data(), nullptr,
                    got.data());
    // At most pool_size^2 windows meet in one element, each |gradient| <= 1.
    const double terms = static_cast<double>(g.pool_size * g.pool_size);
    EXPECT_TRUE(
        Close("input gradient", got, wanted, terms * terms * kEpsilon / 2));
  }
}

TEST(MaxPool, GradientPassesWhatAReluBeforeItPassed) {
  for (const PoolingGeometry& g : Geometries()) {
    SCOPED_TRACE(Describe(g));
    Uniform uniform(7);
    std::vector<float> input = uniform.Values(InputSize(g), -3, 1);
    for (float& value : input) value = std::max(value, 0.0f);
    const std::vector<float> gradient = uniform.Values(OutputSize(g));
    const MaxPooled pooled = NaiveMaxPool(g, input);
    std::vector<float> wanted(InputSize(g), NAN), got = wanted;
    MaxPoolGradient(g, kPlanes, gradient.data(), pooled.indices.data(), nullptr,
                    wanted.data());
    for (size_t i = 0; i < input.size(); ++i) {
      if (!(input[i] > 0)) wanted[i] = 0;
    }
    MaxPoolGradient(g, kPlanes, gradient.data(), pooled.indices.data(),
                    pooled.output.data(), got.data());
    EXPECT_EQ(got, wanted);
  }
}

TEST(AveragePool, FollowsItsDefinition) {
  for (const PoolingGeometry& g : Geometries()) {
    SCOPED_TRACE(Describe(g));
    Uniform uniform(6);
    const std::vector<float> input = uniform.Values(InputSize(g));
    const double terms = static_cast<double>(g.pool_size * g.pool_size);
    std::vector<double> wanted(OutputSize(g));
    ForEachElement(g, [&](size_t output, size_t plane, size_t place) {
      wanted[output] += input[plane * g.height * g.width + place] / terms;
    });
    std::vector<float> output(OutputSize(g), NAN);
    AveragePool(g, kPlanes, input.data(), output.data());
    // Sums of `terms` numbers of at most 1, a rounded reciprocal and a product.
    EXPECT_TRUE(Close("output", output, wanted, (terms + 2) * kEpsilon / 2));
  }
}

TEST(AveragePool, GradientIsSpreadEvenly) {
  for (const PoolingGeometry& g : Geometries()) {
    SCOPED_TRACE(Describe(g));
    Uniform uniform(7);
    const std::vector<float> gradient = uniform.Values(OutputSize(g));
    const double terms = static_cast<double>(g.pool_size * g.pool_size);
    std::vector<double> wanted(InputSize(g));
    ForEachElement(g, [&](size_t output, size_t plane, size_t place) {
      wanted[plane * g.height * g.width + place] += gradient[output] / terms;
    });
    std::vector<float> got(InputSize(g), NAN);
    AveragePoolGradient(g, kPlanes, gradient.data(), got.data());
    EXPECT_TRUE(
        Close("input gradient", got, wanted, (terms + 2) * kEpsilon / 2));
  }
}

TEST(AveragePool, OneNaNSpoilsItsWindowsOnly) {
  const PoolingGeometry g = {
      .height = 4, .width = 4, .pool_size = 2, .stride = 2};
  std::vector<float> input(InputSize(g), 1.0f);
  input[0] = NAN;
  std::vector<float> output(OutputSize(g));
  AveragePool(g, kPlanes, input.data(), output.data());
  std::vector<double> wanted(output.size(), 1.0);
  wanted[0] = NAN;
  EXPECT_TRUE(Close("output", output, wanted, 0.0));
}

}  // namespace
}  // namespace lamella::test
