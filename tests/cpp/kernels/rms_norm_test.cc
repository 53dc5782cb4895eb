// Root mean square normalization against float64.
#include "kernels/rms_norm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

// Vectors along the axis and along what is inside it, whole and not.
constexpr AxisView kViews[] = {{3, 1, 1}, {2, 7, 1},  {4, 16, 1}, {1, 45, 1},
                               {2, 3, 2}, {2, 5, 16}, {3, 6, 19}};

void Check(const AxisView& view, const std::vector<float>& x, double epsilon,
           double tolerance) {
  const auto [outer, size, inner] = view;
  SCOPED_TRACE(Cat(outer, ", ", size, ", ", inner));
  Uniform uniform(7);
  const auto gamma = uniform.Values(size), upstream = uniform.Values(x.size());
  std::vector<double> y(x.size()), gamma_gradient(size),
      input_gradient(x.size());
  double greatest = 1;
  for (size_t o = 0; o < outer; ++o) {
    for (size_t i = 0; i < inner; ++i) {
      const auto place = [&, size = size, inner = inner](size_t c) {
        return (o * size + c) * inner + i;
      };
      const double count = static_cast<double>(size);
      double square = 0, product = 0;
      for (size_t c = 0; c < size; ++c) {
        square += static_cast<double>(x[place(c)]) * x[place(c)] / count;
      }
      const double root = std::sqrt(square + epsilon);
      const double inverse = root == 0 ? 0 : 1 / root;
      greatest = std::max(greatest, inverse);
      for (size_t c = 0; c < size; ++c) {
        const double unit = x[place(c)] * inverse, g = upstream[place(c)];
        y[place(c)] = gamma[c] * unit;
        gamma_gradient[c] += g * unit;
        product += g * gamma[c] * unit / count;
      }
      for (size_t c = 0; c < size; ++c) {
        input_gradient[place(c)] =
            inverse * (static_cast<double>(upstream[place(c)]) * gamma[c] -
                       x[place(c)] * inverse * product);
      }
    }
  }
  std::vector<float> inverse(view.positions()), workspace(view.positions()),
      got(x.size()), got_gamma(size);
  RmsNorm(Pool(), view, x.data(), epsilon, gamma.data(), inverse.data(),
          got.data());
  EXPECT_TRUE(Close("y", got, y, tolerance));
  RmsNormGammaGradient(Pool(), view, x.data(), inverse.data(), upstream.data(),
                       got_gamma.data());
  EXPECT_TRUE(Close("gamma", got_gamma, gamma_gradient, 40 * tolerance));
  RmsNormInputGradient(Pool(), view, x.data(), inverse.data(), gamma.data(),
                       upstream.data(), workspace.data(), got.data());
  EXPECT_TRUE(Close("input", got, input_gradient, 4 * tolerance * greatest));
}

TEST(RmsNormKernel, AgreesWithFloat64) {
  for (const AxisView& view : kViews) {
    const size_t size = view.positions() * view.size;
    Check(view, Uniform(size).Values(size), 1e-6, 8 * kEpsilon);
  }
}

TEST(RmsNormKernel, TakesNumbersOfAnySize) {
  for (const float scale : {1e-25f, 1e-3f, 1e20f, 1e37f}) {
    for (const AxisView& view : kViews) {
      const size_t size = view.positions() * view.size;
      Check(view, Uniform(size).Values(size, -scale, scale), 0, 8 * kEpsilon);
    }
  }
}

TEST(RmsNormKernel, ZerosStayZeroAndNanStaysAtItsPosition) {
  for (const AxisView& view : kViews) {
    std::vector<float> x(view.positions() * view.size, 0);
    Check(view, x, 0, 8 * kEpsilon);
    x[0] = std::numeric_limits<float>::quiet_NaN();
    Check(view, x, 1e-6, 8 * kEpsilon);
  }
}

}  // namespace
}  // namespace lamella::test
