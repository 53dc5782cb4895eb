// Activations and their derivatives against float64.
#include "kernels/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

using Forward = void (*)(ThreadPool& pool, const float* x, float* y,
                         size_t size);
// `from` is the input or the output, as the function wants.
using Backward = void (*)(ThreadPool& pool, const float* from,
                          const float* output_gradient, float* input_gradient,
                          size_t size);

constexpr float kInfinity = std::numeric_limits<float>::infinity();

double Sigmoid(double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}

// Every size up to several vectors, so that every remainder occurs.
constexpr size_t kMaxSize = 21;

// Checks y = f(x) on every size, out of place and in place, with a guard after
// the end. The tolerance of each element is relative to its magnitude, plus
// `absolute`.
void CheckForward(Forward forward, const std::function<double(double)>& f,
                  double relative, double absolute) {
  for (size_t size = 0; size <= kMaxSize; ++size) {
    SCOPED_TRACE(Cat("size ", size));
    for (float scale : {0.01f, 1.0f, 10.0f, 80.0f}) {
      SCOPED_TRACE(Cat("scale ", static_cast<double>(scale)));
      Uniform uniform(size + 1);
      std::vector<float> x = uniform.Values(size, -scale, scale);
      std::vector<double> wanted, tolerance;
      for (float v : x) {
        wanted.push_back(f(v));
        tolerance.push_back(relative * std::fabs(wanted.back()) + absolute);
      }
      constexpr float kGuard = 99.0f;
      std::vector<float> y(size + 4, kGuard);
      forward(Pool(), x.data(), y.data(), size);
      EXPECT_TRUE(Close("y", std::span(y).first(size), wanted, tolerance));
      EXPECT_TRUE(Close("guard", std::span(y).subspan(size),
                        std::vector<double>(4, kGuard), 0.0));
      forward(Pool(), x.data(), x.data(), size);
      EXPECT_TRUE(Close("in place", x, wanted, tolerance));
    }
  }
}

// Checks g * f'(x); `from` turns x into what `backward` reads. The tolerance
// is |g| * (relative * |f'| + absolute).
void CheckGradient(Backward backward, const std::function<double(double)>& from,
                   const std::function<double(double)>& derivative,
                   double relative, double absolute) {
  for (size_t size = 0; size <= kMaxSize; ++size) {
    SCOPED_TRACE(Cat("size ", size));
    for (float scale : {0.01f, 1.0f, 10.0f, 80.0f}) {
      SCOPED_TRACE(Cat("scale ", static_cast<double>(scale)));
      Uniform uniform(size + 2);
      const std::vector<float> x = uniform.Values(size, -scale, scale);
      std::vector<float> gradient = uniform.Values(size);
      std::vector<float> given;
      std::vector<double> wanted, tolerance;
      for (size_t i = 0; i < size; ++i) {
        given.push_back(static_cast<float>(from(x[i])));
        const double slope = derivative(x[i]);
        wanted.push_back(gradient[i] * slope);
        tolerance.push_back(std::fabs(gradient[i]) *
                            (relative * std::fabs(slope) + absolute));
      }
      constexpr float kGuard = 99.0f;
      std::vector<float> got(size + 4, kGuard);
      backward(Pool(), given.data(), gradient.data(), got.data(), size);
      EXPECT_TRUE(Close("input gradient", std::span(got).first(size), wanted,
                        tolerance));
      EXPECT_TRUE(Close("guard", std::span(got).subspan(size),
                        std::vector<double>(4, kGuard), 0.0));
      backward(Pool(), given.data(), gradient.data(), gradient.data(), size);
      EXPECT_TRUE(Close("in place", gradient, wanted, tolerance));
    }
  }
}

std::vector<float> Apply(Forward forward, std::vector<float> x) {
  std::vector<float> y(x.size());
  forward(Pool(), x.data(), y.data(), x.size());
  return y;
}

double Identity(double x) { return x; }

TEST(Relu, Forward) {
  CheckForward(
      ReluForward, [](double x) { return x > 0 ? x : 0; }, 0, 0);
  EXPECT_TRUE(Close("extremes",
                    Apply(ReluForward, {NAN, kInfinity, -kInfinity, 0, 1}),
                    std::vector<double>{NAN, kInfinity, 0, 0, 1}, 0));
}

TEST(Relu, Gradient) {
  CheckGradient(
      ReluGradient, [](double x) { return x > 0 ? x : 0; },
      [](double x) { return x > 0; }, 0, 0);
  const std::vector<float> y = {0, 0, 1, 0, 0}, gradient = {1, 2, 3, NAN, 5};
  std::vector<float> got(5);
  ReluGradient(Pool(), y.data(), gradient.data(), got.data(), 5);
  // Nothing passes at 0, not even a NaN.
  EXPECT_TRUE(Close("at 0", got, std::vector<double>{0, 0, 3, 0, 0}, 0));
}

constexpr float kAlpha = 0.25f;
constexpr float kSteep = 2.0f;

TEST(Relu6, Forward) {
  CheckForward(
      Relu6Forward, [](double x) { return std::clamp(x, 0.0, 6.0); }, 0, 0);
  EXPECT_TRUE(Close("extremes",
                    Apply(Relu6Forward, {NAN, kInfinity, -kInfinity, 6, 6.5}),
                    std::vector<double>{NAN, 6, 0, 6, 6}, 0));
}

TEST(Relu6, Gradient) {
  CheckGradient(
      Relu6Gradient, [](double x) { return std::clamp(x, 0.0, 6.0); },
      [](double x) { return x > 0 && x < 6 ? 1 : 0; }, 0, 0);
}

TEST(Prelu, Forward) {
  CheckForward([](ThreadPool& pool, const float* x, float* y,
                  size_t n) { PreluForward(pool, x, kAlpha, y, n); },
               [](double x) { return x > 0 ? x : kAlpha * x; }, kEpsilon, 0);
  // max(alpha * x, x) would be wrong here.
  CheckForward([](ThreadPool& pool, const float* x, float* y,
                  size_t n) { PreluForward(pool, x, kSteep, y, n); },
               [](double x) { return x > 0 ? x : kSteep * x; }, kEpsilon, 0);
}

TEST(Prelu, Gradient) {
  CheckGradient([](ThreadPool& pool, const float* x, const float* g, float* to,
                   size_t n) { PreluGradient(pool, x, kAlpha, g, to, n); },
                Identity, [](double x) { return x > 0 ? 1 : kAlpha; }, kEpsilon,
                0);
}

// The exponential is promised to 1 ulp; a sum, a quotient and the rounding of
// the result come on top.
TEST(SigmoidKernel, Forward) {
  CheckForward(SigmoidForward, Sigmoid, 4 * kEpsilon, 0);
  EXPECT_TRUE(
      Close("extremes",
            Apply(SigmoidForward, {NAN, kInfinity, -kInfinity, 0, 100, -100}),
            std::vector<double>{NAN, 1, 0, 0.5, 1, Sigmoid(-100)}, 1e-44));
}

TEST(SigmoidKernel, Gradient) {
  // 1 - s is absolutely, not relatively exact when s is close to 1.
  CheckGradient(
      SigmoidGradient, Sigmoid,
      [](double x) { return Sigmoid(x) * Sigmoid(-x); }, 4 * kEpsilon,
      kEpsilon);
}

TEST(TanhKernel, Forward) {
  // Highway promises 4 ulp.
  CheckForward(
      TanhForward, [](double x) { return std::tanh(x); }, 4 * kEpsilon, 0);
  EXPECT_TRUE(Close("extremes",
                    Apply(TanhForward, {NAN, kInfinity, -kInfinity, 0, 50}),
                    std::vector<double>{NAN, 1, -1, 0, 1}, 0));
}

TEST(TanhKernel, Gradient) {
  CheckGradient(
      TanhGradient, [](double x) { return std::tanh(x); },
      [](double x) { return 1 - std::tanh(x) * std::tanh(x); }, 4 * kEpsilon,
      2 * kEpsilon);
}

TEST(SwishKernel, Forward) {
  CheckForward(
      SwishForward, [](double x) { return x * Sigmoid(x); }, 5 * kEpsilon, 0);
  EXPECT_TRUE(Close("extremes",
                    Apply(SwishForward, {NAN, kInfinity, 0, 200, -200, -1e30f}),
                    std::vector<double>{NAN, kInfinity, 0, 200, 0, 0}, 1e-36));
}

TEST(SwishKernel, Gradient) {
  // s + x s (1 - s) cancels around its zero at x = -1.28, where both terms are
  // below 1; for great x the error of 1 - s is multiplied by x s.
  for (float x : {-1000.0f, -100.0f, -88.8f, 88.8f, 100.0f, 1000.0f}) {
    const float one = 1.0f;
    float got = NAN;
    SwishGradient(Pool(), &x, &one, &got, 1);
    EXPECT_NEAR(got, x > 0 ? 1 : 0, 1e-30) << x;
  }
  CheckGradient(
      SwishGradient, Identity,
      [](double x) { return Sigmoid(x) + x * Sigmoid(x) * Sigmoid(-x); },
      8 * kEpsilon, 16 * kEpsilon);
}

TEST(HardSwishKernel, Forward) {
  const auto wanted = [](double x) {
    return x * std::clamp(x + 3, 0.0, 6.0) / 6;
  };
  // x + 3 is rounded where it may be close to 0.
  CheckForward(HardSwishForward, wanted, 3 * kEpsilon, 2 * kEpsilon);
  EXPECT_TRUE(Close("extremes",
                    Apply(HardSwishForward, {NAN, kInfinity, 4, -4, 0}),
                    std::vector<double>{NAN, kInfinity, 4, 0, 0}, kEpsilon));
}

TEST(HardSwishKernel, IsTheIdentityFrom3On) {
  std::vector<float> x;
  for (float each = 3; each < 300; each += 0.37f) x.push_back(each);
  const std::vector<float> y = Apply(HardSwishForward, x);
  EXPECT_EQ(y, x);
}

TEST(HardSwishKernel, Gradient) {
  CheckGradient(
      HardSwishGradient, Identity,
      [](double x) { return std::fabs(x) < 3 ? (2 * x + 3) / 6 : x > 3; },
      3 * kEpsilon, 2 * kEpsilon);
}

TEST(MultiplyKernel, EverySize) {
  for (size_t size = 0; size <= kMaxSize; ++size) {
    Uniform uniform(size + 3);
    const std::vector<float> a = uniform.Values(size), b = uniform.Values(size);
    std::vector<float> product(size + 4, 99.0f);
    std::vector<double> wanted;
    for (size_t i = 0; i < size; ++i) {
      // Float32 products are rounded once on every machine.
      wanted.push_back(a[i] * b[i]);
    }
    wanted.resize(size + 4, 99.0);
    Multiply(Pool(), a.data(), b.data(), product.data(), size);
    EXPECT_TRUE(Close(Cat("size ", size), product, wanted, 0.0));
  }
}

// The published formula; the exact form is x * (1 + erf(x / sqrt(2))) / 2.
double Gelu(double x) {
  const double scale = std::sqrt(2 / std::acos(-1.0));
  return x / 2 * (1 + std::tanh(scale * (x + 0.044715 * x * x * x)));
}

double GeluSlope(double x) {
  const double scale = std::sqrt(2 / std::acos(-1.0));
  const double t = std::tanh(scale * (x + 0.044715 * x * x * x));
  return (1 + t) / 2 + x / 2 * (1 - t * t) * scale * (1 + 3 * 0.044715 * x * x);
}

TEST(Gelu, Forward) {
  // Beyond the error of the sigmoid, that of its argument, which x magnifies.
  CheckForward(GeluForward, Gelu, 8 * kEpsilon, 8 * kEpsilon);
  EXPECT_TRUE(Close("extremes",
                    Apply(GeluForward, {NAN, kInfinity, 0, 1e30f, -1e30f}),
                    std::vector<double>{NAN, kInfinity, 0, 1e30f, 0}, 0));
  for (double x = -6; x <= 6; x += 0.125) {
    EXPECT_NEAR(Gelu(x), x * (1 + std::erf(x / std::sqrt(2.0))) / 2, 5e-4);
  }
}

TEST(Gelu, Gradient) {
  // The argument of tanh is rounded, which the factor x * inner magnifies.
  CheckGradient(GeluGradient, Identity, GeluSlope, 8 * kEpsilon, 16 * kEpsilon);
  const std::vector<float> x = {1e30f, -1e30f, kInfinity, -kInfinity, NAN};
  const std::vector<float> ones(5, 1.0f);
  std::vector<float> got(5);
  GeluGradient(Pool(), x.data(), ones.data(), got.data(), 5);
  EXPECT_TRUE(Close("extremes", got, std::vector<double>{1, 0, 1, 0, NAN}, 0));
}

TEST(Arithmetic, Add) {
  for (size_t size = 0; size <= kMaxSize; ++size) {
    Uniform uniform(size + 3);
    const std::vector<float> a = uniform.Values(size), b = uniform.Values(size);
    std::vector<float> sum(size + 1, 99.0f);
    Add(Pool(), a.data(), b.data(), sum.data(), size);
    for (size_t i = 0; i < size; ++i) EXPECT_EQ(sum[i], a[i] + b[i]);
    EXPECT_EQ(sum[size], 99.0f);
  }
}

}  // namespace
}  // namespace lamella::test
