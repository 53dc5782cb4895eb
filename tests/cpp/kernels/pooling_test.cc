// Pooling against its definition.
#include "kernels/pooling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

constexpr size_t kPlanes = 3;

PoolingGeometry Square(size_t height, size_t width, size_t pool,
                       size_t stride) {
  const Window window = {.size = pool, .stride = stride};
  return {height, width, window, window};
}

std::vector<PoolingGeometry> Geometries() {
  std::vector<PoolingGeometry> geometries;
  for (size_t pool : {1, 2, 3, 4}) {
    for (size_t stride : {1, 2, 3, 5}) {
      for (size_t rest : {0, 1, 2, 3, 6, 9}) {
        geometries.push_back(
            Square(pool + rest, pool + 2 * rest, pool, stride));
        geometries.push_back(
            Square(pool + 3 * rest, pool + rest, pool, stride));
      }
    }
  }
  // The sizes that networks have.
  for (size_t size : {8, 24, 27, 28}) {
    geometries.push_back(Square(size, size, 2, 2));
    geometries.push_back(Square(size, size, 3, 2));
  }
  // All that padding smaller than a window can be, another window on the other
  // axis. Some reach over both ends of the image.
  std::vector<Window> windows;
  for (size_t size : {1, 2, 3, 4}) {
    for (size_t before = 0; before < size; ++before) {
      for (size_t after = 0; after < size; ++after) {
        windows.push_back({.size = size,
                           .stride = 1 + (before + 2 * after) % 3,
                           .padding_before = before,
                           .padding_after = after});
      }
    }
  }
  for (const Window& vertical : windows) {
    for (const Window& horizontal : windows) {
      geometries.push_back({5, 7, vertical, horizontal});
    }
    if (vertical.size > 2 + vertical.padding()) continue;
    geometries.push_back({2, 3, vertical, {.size = 2, .padding_before = 1}});
  }
  // Every width up to ten vectors, with and without padding.
  for (size_t size = 1; size <= 7; ++size) {
    for (size_t width = 1; width <= 40; ++width) {
      for (size_t stride : {1, 2, 3}) {
        Window horizontal = {.size = size, .stride = stride};
        if (width % 3 != 0) {
          horizontal.padding_before = width % size;
          horizontal.padding_after = width / 3 % size;
        }
        if (width + horizontal.padding() < size) continue;
        const Window vertical = {.size = 1 + width % 4,
                                 .stride = 1 + width % 2,
                                 .padding_before = width % 4 / 2};
        geometries.push_back({4 + width % 3, width, vertical, horizontal});
      }
    }
  }
  // Of the usual kind on one axis alone, or but for its padding.
  const Window usual = {.size = 2, .stride = 2};
  for (Window other : {usual, usual, usual, usual}) {
    geometries.push_back({8, 12, usual, {.size = 2}});
    geometries.push_back({8, 12, {.size = 3, .stride = 2}, usual});
    other.padding_before = geometries.size() % 2;
    other.padding_after = 1 - other.padding_before;
    geometries.push_back({8, 12, usual, other});
    geometries.push_back({8, 12, other, usual});
  }
  return geometries;
}

std::string Describe(const PoolingGeometry& g) {
  return Cat("images ", g.height, "x", g.width, ", vertical ",
             ToText(g.vertical), ", horizontal ", ToText(g.horizontal));
}

size_t InputSize(const PoolingGeometry& g) {
  return kPlanes * g.height * g.width;
}
size_t OutputSize(const PoolingGeometry& g) {
  return kPlanes * g.output_height() * g.output_width();
}

size_t WindowSize(const PoolingGeometry& g) {
  return g.vertical.size * g.horizontal.size;
}

// Of means of numbers of at most 1: the roundings that pooling.h states.
constexpr double kMeanTolerance = 15 * kEpsilon / 2;

// Calls visit(output, plane, place in the plane) for every pixel of every
// window, windows and their pixels in row-major order.
template <typename Visit>
void ForEachElement(const PoolingGeometry& g, Visit&& visit) {
  const Window &v = g.vertical, &h = g.horizontal;
  size_t output = 0;
  for (size_t plane = 0; plane < kPlanes; ++plane) {
    for (size_t y = 0; y + v.size <= g.height + v.padding(); y += v.stride) {
      for (size_t x = 0; x + h.size <= g.width + h.padding();
           x += h.stride, ++output) {
        for (size_t i = 0; i < WindowSize(g); ++i) {
          const size_t row = y + i / h.size, column = x + i % h.size;
          if (row < v.padding_before || row >= v.padding_before + g.height ||
              column < h.padding_before ||
              column >= h.padding_before + g.width) {
            continue;
          }
          visit(output, plane,
                (row - v.padding_before) * g.width + column - h.padding_before);
        }
      }
    }
  }
}

// Elements that each mean is of.
std::vector<double> MeanSizes(const PoolingGeometry& g, bool count_padding) {
  std::vector<double> sizes(OutputSize(g));
  ForEachElement(g, [&](size_t output, size_t, size_t) { ++sizes[output]; });
  if (count_padding) std::ranges::fill(sizes, WindowSize(g));
  return sizes;
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
  MaxPool(Pool(), g, kPlanes, input.data(), output.data(), indices.data());
  EXPECT_TRUE(Close("output", output, ToDouble(wanted.output), 0.0));
  EXPECT_EQ(indices, wanted.indices);
  std::vector<float> alone(OutputSize(g), -777.0f);
  MaxPool(Pool(), g, kPlanes, input.data(), alone.data(), nullptr);
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
    MaxPoolGradient(Pool(), g, kPlanes, gradient.data(), pooled.indices.data(),
                    nullptr, got.data());
    // At most as many windows as one has elements meet in one, each |gradient|
    // <= 1.
    const double terms = static_cast<double>(WindowSize(g));
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
    MaxPoolGradient(Pool(), g, kPlanes, gradient.data(), pooled.indices.data(),
                    nullptr, wanted.data());
    for (size_t i = 0; i < input.size(); ++i) {
      if (!(input[i] > 0)) wanted[i] = 0;
    }
    MaxPoolGradient(Pool(), g, kPlanes, gradient.data(), pooled.indices.data(),
                    pooled.output.data(), got.data());
    EXPECT_EQ(got, wanted);
  }
}

TEST(AveragePool, FollowsItsDefinition) {
  for (const PoolingGeometry& g : Geometries()) {
    for (const bool count_padding : {false, true}) {
      SCOPED_TRACE(Cat(Describe(g), ", padding counts ", count_padding));
      Uniform uniform(6);
      const std::vector<float> input = uniform.Values(InputSize(g));
      const std::vector<double> sizes = MeanSizes(g, count_padding);
      std::vector<double> wanted(OutputSize(g));
      ForEachElement(g, [&](size_t output, size_t plane, size_t place) {
        wanted[output] +=
            input[plane * g.height * g.width + place] / sizes[output];
      });
      std::vector<float> output(OutputSize(g), NAN);
      AveragePool(Pool(), g, count_padding, kPlanes, input.data(),
                  output.data());
      EXPECT_TRUE(Close("output", output, wanted, kMeanTolerance));
    }
  }
}

TEST(AveragePool, SumsOfAnyLengthAreAccurate) {
  for (const size_t side : {5, 7, 8, 9, 15, 40}) {
    for (const size_t stride : {1, 2}) {
      // Vectors of windows, too.
      const PoolingGeometry g = Square(side, side + 11, side, stride);
      const std::vector<float> input(InputSize(g), 0.7f);
      std::vector<float> output(OutputSize(g));
      AveragePool(Pool(), g, false, kPlanes, input.data(), output.data());
      const std::vector<double> wanted(output.size(), 0.7f);
      EXPECT_TRUE(Close("output", output, wanted, 0.7 * kMeanTolerance))
          << side << ", stride " << stride;
    }
  }
}

TEST(GlobalAveragePool, IsTheMeanOfEachRow) {
  Uniform uniform(8);
  for (const size_t pixels : {1, 2, 3, 4, 5, 7, 15, 16, 17, 49, 784, 99999}) {
    const std::vector<float> x = uniform.Values(kPlanes * pixels, 0, 1);
    std::vector<double> wanted(kPlanes);
    for (size_t i = 0; i < x.size(); ++i) {
      wanted[i / pixels] += double{x[i]} / static_cast<double>(pixels);
    }
    std::vector<float> means(kPlanes, NAN);
    GlobalAveragePool(Pool(), kPlanes, pixels, x.data(), means.data());
    // Of numbers of at most 1: two sums of a sum of four, and the mean.
    EXPECT_TRUE(Close("means", means, wanted, 3 * kEpsilon / 2)) << pixels;
  }
}

TEST(AveragePool, GradientIsSpreadEvenly) {
  for (const PoolingGeometry& g : Geometries()) {
    for (const bool count_padding : {false, true}) {
      SCOPED_TRACE(Cat(Describe(g), ", padding counts ", count_padding));
      Uniform uniform(7);
      const std::vector<float> gradient = uniform.Values(OutputSize(g));
      const std::vector<double> sizes = MeanSizes(g, count_padding);
      std::vector<double> wanted(InputSize(g)), magnitudes(InputSize(g));
      ForEachElement(g, [&](size_t output, size_t plane, size_t place) {
        const size_t at = plane * g.height * g.width + place;
        wanted[at] += gradient[output] / sizes[output];
        magnitudes[at] += std::fabs(gradient[output]) / sizes[output];
      });
      std::vector<float> got(InputSize(g), NAN);
      AveragePoolGradient(Pool(), g, count_padding, kPlanes, gradient.data(),
                          got.data());
      // As many windows meet in a pixel, each after a rounding.
      const double terms = static_cast<double>(WindowSize(g));
      for (double& each : magnitudes) each *= (terms + 1) * kEpsilon / 2;
      EXPECT_TRUE(Close("input gradient", got, wanted, magnitudes));
    }
  }
}

TEST(AveragePool, OneNaNSpoilsItsWindowsOnly) {
  const PoolingGeometry g = Square(4, 4, 2, 2);
  std::vector<float> input(InputSize(g), 1.0f);
  input[0] = NAN;
  std::vector<float> output(OutputSize(g));
  AveragePool(Pool(), g, false, kPlanes, input.data(), output.data());
  std::vector<double> wanted(output.size(), 1.0);
  wanted[0] = NAN;
  EXPECT_TRUE(Close("output", output, wanted, 0.0));
}

}  // namespace
}  // namespace lamella::test
