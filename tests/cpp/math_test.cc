// Elementary functions against the C library's in more digits.
#include "base/math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "test_util.h"

namespace lamella::test {
namespace {

constexpr double kEps = std::numeric_limits<double>::epsilon();

double RelativeError(double got, long double wanted) {
  return static_cast<double>(std::fabs((got - wanted) / wanted));
}

TEST(Math, ExpIsOffByAtMostTwoUnits) {
  Uniform uniform(1);
  for (int i = 0; i < 20000; ++i) {
    const double x = uniform(-1, 1) * (i % 2 == 0 ? 700.0 : 2.0);
    EXPECT_LE(RelativeError(Exp(x), std::exp(static_cast<long double>(x))),
              kEps)
        << x;
  }
  EXPECT_EQ(Exp(0), 1);
}

TEST(Math, SinCosIsExactWithinOneTurn) {
  Uniform uniform(2);
  for (int i = 0; i < 20000; ++i) {
    const double angle = uniform(0, 6.2831853f);
    const auto [sine, cosine] = SinCos(angle);
    EXPECT_NEAR(sine, std::sin(angle), 2 * kEps) << angle;
    EXPECT_NEAR(cosine, std::cos(angle), 2 * kEps) << angle;
  }
}

}  // namespace
}  // namespace lamella::test
