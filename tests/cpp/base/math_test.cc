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

TEST(Math, ExpAndLogAreOffByAtMostTwoUnits) {
  Uniform uniform(1);
  for (int i = 0; i < 20000; ++i) {
    const double x = uniform(-1, 1) * (i % 2 == 0 ? 700.0 : 2.0);
    const double y = std::exp(x);
    EXPECT_LE(RelativeError(Exp(x), std::exp(static_cast<long double>(x))),
              kEps)
        << x;
    if (y != 1) {
      EXPECT_LE(RelativeError(Log(y), std::log(static_cast<long double>(y))),
                2 * kEps)
          << y;
    }
    if (x < 0) {
      EXPECT_LE(
          RelativeError(Log1p(y), std::log1p(static_cast<long double>(y))),
          2 * kEps)
          << y;
    }
  }
  EXPECT_EQ(Exp(0), 1);
  EXPECT_EQ(Log(1), 0);
  EXPECT_EQ(Log1p(0), 0);
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

TEST(Math, PowerIsRepeatedMultiplication) {
  EXPECT_EQ(Power(3, 0), 1);
  EXPECT_EQ(Power(3, 5), 243);
  EXPECT_EQ(Power(2, 100), 0x1p100);
  for (uint64_t t : {1u, 2u, 17u, 1000u, 123456u}) {
    EXPECT_LE(RelativeError(Power(0.999, t),
                            std::pow(0.999L, static_cast<long double>(t))),
              static_cast<double>(t + 40) * kEps)
        << t;
  }
}

}  // namespace
}  // namespace lamella::test
