// Functions with a number for each channel against loops.
#include "kernels/channelwise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kGuard = 99.0f;

// Vectors within a channel and across channels, whole and not, fewer and more
// than a line of the cache.
constexpr AxisView kViews[] = {{3, 1, 1},  {5, 4, 1},  {4, 7, 1},
                               {9, 37, 1}, {2, 3, 2},  {1, 2, 16},
                               {3, 5, 19}, {1, 1, 21}, {40, 20, 65}};

struct Numbers {
  explicit Numbers(const AxisView& view) {
    Uniform uniform(view.size);
    x = uniform.Values(view.positions() * view.size);
    x[x.size() / 2] = 0;
    x[x.size() / 3] = kNan;
    g = uniform.Values(x.size());
    a = uniform.Values(view.size);
    b = uniform.Values(view.size);
  }
  std::vector<float> x, g, a, b;
};

// Expects `run(numbers, y)` to give f(x, g, a, b) everywhere, the last two
// being the channel's.
void Check(
    const std::function<void(const AxisView&, const Numbers&, float*)>& run,
    const std::function<double(float, float, float, float)>& f) {
  for (const AxisView& view : kViews) {
    const Numbers numbers(view);
    std::vector<float> y(numbers.x.size() + 4, kGuard);
    std::vector<double> wanted(y.size(), kGuard);
    for (size_t i = 0; i < numbers.x.size(); ++i) {
      const size_t c = i / view.inner % view.size;
      wanted[i] = f(numbers.x[i], numbers.g[i], numbers.a[c], numbers.b[c]);
    }
    run(view, numbers, y.data());
    EXPECT_TRUE(Close(Cat(view.outer, ", ", view.size, ", ", view.inner), y,
                      wanted, 2 * kEpsilon));
  }
}

TEST(Channelwise, Standardize) {
  Check(
      [](const AxisView& view, const Numbers& n, float* y) {
        Standardize(Pool(), view, n.x.data(), n.a.data(), n.b.data(), y);
      },
      [](double x, double, double mean, double scale) {
        return (x - mean) * scale;
      });
}

TEST(Channelwise, ScaleChannels) {
  Check(
      [](const AxisView& view, const Numbers& n, float* y) {
        std::ranges::copy(n.x, y);
        ScaleChannels(Pool(), view, y, n.a.data(), y);
      },
      [](double x, double, double scale, double) { return x * scale; });
}

TEST(Channelwise, ParametricRelu) {
  Check(
      [](const AxisView& view, const Numbers& n, float* y) {
        ParametricRelu(Pool(), view, n.x.data(), n.a.data(), y);
      },
      [](double x, double, double a, double) { return x > 0 ? x : a * x; });
}

TEST(Channelwise, ParametricReluInputGradient) {
  Check(
      [](const AxisView& view, const Numbers& n, float* y) {
        ParametricReluInputGradient(Pool(), view, n.x.data(), n.a.data(),
                                    n.g.data(), y);
      },
      [](double x, double g, double a, double) { return x > 0 ? g : a * g; });
}

TEST(Channelwise, ParametricReluAlphaGradient) {
  for (const AxisView& view : kViews) {
    const Numbers numbers(view);
    Sums sums(view.size);
    for (size_t i = 0; i < numbers.x.size(); ++i) {
      const float x = numbers.x[i];
      if (!(x > 0)) {
        sums.Add(i / view.inner % view.size,
                 static_cast<double>(x) * numbers.g[i]);
      }
    }
    std::vector<float> got(view.size + 4, kGuard);
    ParametricReluAlphaGradient(Pool(), view, numbers.x.data(),
                                numbers.g.data(), got.data());
    const std::span<const float> all = got;
    std::vector<double> tolerances = sums.Tolerances();
    // The terms of the channel with the NaN have no magnitude.
    for (double& each : tolerances) each = std::isnan(each) ? 0 : each;
    EXPECT_TRUE(Close(Cat(view.outer, ", ", view.size, ", ", view.inner),
                      all.first(view.size), sums.values, tolerances));
    EXPECT_EQ(got[view.size], kGuard);
  }
}

}  // namespace
}  // namespace lamella::test
