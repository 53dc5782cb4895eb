#include "base/math.h"

#include <bit>
#include <cmath>
#include <span>

namespace lamella {
namespace {

// Leading and trailing part of log(2); the first one's last 32 bits are 0, so
// that its product with an exponent is exact.
constexpr double kLog2High = 0x1.62e42fee00000p-1;
constexpr double kLog2Low = 0x1.a39ef35793c76p-33;
constexpr double kHalfPi = 0x1.921fb54442d18p+0;

// coefficients[0] + x * (coefficients[1] + x * …).
double Polynomial(std::span<const double> coefficients, double x) {
  double sum = 0;
  for (size_t i = coefficients.size(); i-- > 0;)
    sum = sum * x + coefficients[i];
  return sum;
}

// 2^exponent for the exponent of a normal number.
double PowerOf2(int64_t exponent) {
  return std::bit_cast<double>(static_cast<uint64_t>(exponent + 1023) << 52);
}

}  // namespace

double Exp(double x) {
  // x = k log(2) + r with |r| <= log(2) / 2, and the Taylor series of e^r.
  static constexpr double kSeries[] = {1,
                                       1,
                                       1. / 2,
                                       1. / 6,
                                       1. / 24,
                                       1. / 120,
                                       1. / 720,
                                       1. / 5040,
                                       1. / 40320,
                                       1. / 362880,
                                       1. / 3628800,
                                       1. / 39916800,
                                       1. / 479001600,
                                       1. / 6227020800};
  const double k = std::floor(x * 0x1.71547652b82fep+0 + 0.5);
  const double r = (x - k * kLog2High) - k * kLog2Low;
  return Polynomial(kSeries, r) * PowerOf2(static_cast<int64_t>(k));
}

double Log(double x) {
  // x = 2^k m with m from sqrt(1/2) to sqrt(2), and log(m) = 2 artanh(s) for
  // s = (m - 1) / (m + 1), |s| < 0.172.
  static constexpr double kSeries[] = {2. / 3,  2. / 5,  2. / 7,  2. / 9,
                                       2. / 11, 2. / 13, 2. / 15, 2. / 17,
                                       2. / 19, 2. / 21};
  const auto bits = std::bit_cast<uint64_t>(x);
  // The bits of sqrt(1/2): what lies above counts to the next exponent.
  constexpr uint64_t kRoot = 0x3FE6A09E667F3BCD;
  const int64_t k = static_cast<int64_t>(bits - kRoot) >> 52;
  const double m = x * PowerOf2(-k);
  const double s = (m - 1) / (m + 1);
  const double squared = s * s;
  const double exponent = static_cast<double>(k);
  return exponent * kLog2High +
         (2 * s +
          (s * squared * Polynomial(kSeries, squared) + exponent * kLog2Low));
}

double Log1p(double x) {
  const double sum = 1 + x;
  // The sum was rounded by this much, to first order.
  return Log(sum) + (x - (sum - 1)) / sum;
}

SineCosine SinCos(double angle) {
  // angle = quarter pi / 2 + r with |r| <= pi / 4, and the Taylor series.
  static constexpr double kSine[] = {
      1,           -1. / 6,        1. / 120,        -1. / 5040,
      1. / 362880, -1. / 39916800, 1. / 6227020800, -1. / 1307674368000};
  static constexpr double kCosine[] = {1,
                                       -1. / 2,
                                       1. / 24,
                                       -1. / 720,
                                       1. / 40320,
                                       -1. / 3628800,
                                       1. / 479001600,
                                       -1. / 87178291200,
                                       1. / 20922789888000};
  const double quarter = std::floor(angle / kHalfPi + 0.5);
  const double r = angle - quarter * kHalfPi;
  const double sine = r * Polynomial(kSine, r * r);
  const double cosine = Polynomial(kCosine, r * r);
  switch (static_cast<int>(quarter) & 3) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

double Power(double base, uint64_t exponent) {
  double power = 1;
  for (; exponent > 0; exponent >>= 1, base *= base) {
    if (exponent & 1) power *= base;
  }
  return power;
}

}  // namespace lamella
