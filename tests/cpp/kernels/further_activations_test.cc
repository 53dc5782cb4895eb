// Activations of `lamella/graph` and their derivatives against float64.
#include "kernels/further_activations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Every size up to several vectors, so that every remainder occurs.
constexpr size_t kMaxSize = 21;

constexpr EluShape kPlain = {.alpha = 1};
constexpr EluShape kSteep = {.alpha = 1.7f, .scale = 1.05f};

using Function = std::function<double(double)>;

// A function, its derivative and the kernels for them. The tolerances are
// relative to the magnitude of a result, plus an absolute part.
struct Case {
  std::string name;
  std::function<void(const float* x, float* y, size_t size)> forward;
  Function f;
  std::function<void(const float* from, const float* gradient, float* result,
                     size_t size)>
      backward;
  bool from_output;
  Function derivative;
  double forward_relative, forward_absolute;
  double backward_relative, backward_absolute;
  std::vector<float> extremes;  // of kExtremes
};
void PrintTo(const Case& test_case, std::ostream* stream) {
  *stream << test_case.name;
}

const std::vector<float> kExtremes = {NAN, kInfinity, 1e30f, 100, 0, -1e30f};

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double Softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
}

Case Elu(const std::string& name, const EluShape& shape) {
  const double alpha = shape.alpha, scale = shape.scale;
  const float edge = -shape.alpha * shape.scale;
  return {
      .name = name,
      .forward = [shape](
                     const float* x, float* y,
                     size_t size) { EluForward(Pool(), x, shape, y, size); },
      .f =
          [=](double x) { return scale * (x > 0 ? x : alpha * std::expm1(x)); },
      .backward =
          [shape](const float* y, const float* gradient, float* result,
                  size_t size) {
            EluGradient(Pool(), y, shape, gradient, result, size);
          },
      .from_output = true,
      .derivative =
          [=](double x) { return scale * (x > 0 ? 1 : alpha * std::exp(x)); },
      // Highway promises 4 ulp of e^x - 1, to which come two products.
      .forward_relative = 6 * kEpsilon,
      .forward_absolute = 0,
      // y + alpha cancels where e^x is small.
      .backward_relative = 2 * kEpsilon,
      .backward_absolute = 7 * kEpsilon * scale * alpha,
      .extremes = {NAN, kInfinity, shape.scale * 1e30f, shape.scale * 100, 0,
                   edge}};
}

std::vector<Case> Cases() {
  return {
      Elu("Elu", kPlain),
      Elu("SteepElu", kSteep),
      {.name = "Softplus",
       .forward = [](const float* x, float* y,
                     size_t size) { SoftplusForward(Pool(), x, y, size); },
       .f = Softplus,
       .backward =
           [](const float* x, const float* gradient, float* result,
              size_t size) {
             SoftplusGradient(Pool(), x, gradient, result, size);
           },
       .from_output = false,
       .derivative = Sigmoid,
       // Of the exponential 1 ulp, of the logarithm 4.
       .forward_relative = 6 * kEpsilon,
       .forward_absolute = 0,
       .backward_relative = 4 * kEpsilon,
       .backward_absolute = 0,
       .extremes = {NAN, kInfinity, 1e30f, 100, 0.69314718f, 0}},
      {.name = "Mish",
       .forward = [](const float* x, float* y,
                     size_t size) { MishForward(Pool(), x, y, size); },
       .f = [](double x) { return x * std::tanh(Softplus(x)); },
       .backward =
           [](const float* x, const float* gradient, float* result,
              size_t size) { MishGradient(Pool(), x, gradient, result, size); },
       .from_output = false,
       .derivative =
           [](double x) {
             const double t = std::tanh(Softplus(x));
             return t + x * (1 - t * t) * Sigmoid(x);
           },
       // An exponential, sums of positive terms, a quotient and a product.
       .forward_relative = 8 * kEpsilon,
       .forward_absolute = 0,
       // Its two terms, both below 1.1, cancel at x = -1.19.
       .backward_relative = 12 * kEpsilon,
       .backward_absolute = 4 * kEpsilon,
       .extremes = {NAN, kInfinity, 1e30f, 100, 0, 0}},
      {.name = "HardSigmoid",
       .forward = [](const float* x, float* y,
                     size_t size) { HardSigmoidForward(Pool(), x, y, size); },
       .f = [](double x) { return std::clamp(x + 3, 0.0, 6.0) / 6; },
       .backward =
           [](const float* y, const float* gradient, float* result,
              size_t size) {
             HardSigmoidGradient(Pool(), y, gradient, result, size);
           },
       .from_output = true,
       .derivative = [](double x) { return std::fabs(x) < 3 ? 1.0 / 6 : 0; },
       // x + 3 is rounded where it may be close to 0.
       .forward_relative = 2 * kEpsilon,
       .forward_absolute = kEpsilon,
       .backward_relative = 2 * kEpsilon,
       .backward_absolute = 0,
       .extremes = {NAN, 1, 1, 1, 0.5, 0}},
  };
}

class FurtherActivation : public ::testing::TestWithParam<Case> {};

// Values below this are denormals, of which no digit is promised.
constexpr double kSmallest = 0x1p-126;
constexpr float kGuard = 99.0f;

TEST_P(FurtherActivation, Forward) {
  const Case& c = GetParam();
  for (size_t size = 0; size <= kMaxSize; ++size) {
    for (const float scale : {0.01f, 1.0f, 10.0f, 80.0f}) {
      SCOPED_TRACE(Cat("size ", size, ", scale ", static_cast<double>(scale)));
      Uniform uniform(size + 1);
      std::vector<float> x = uniform.Values(size, -scale, scale);
      std::vector<double> wanted, tolerance;
      for (const float v : x) {
        wanted.push_back(c.f(v));
        tolerance.push_back(c.forward_relative * std::fabs(wanted.back()) +
                            c.forward_absolute + kSmallest);
      }
      std::vector<float> y(size + 4, kGuard);
      c.forward(x.data(), y.data(), size);
      EXPECT_TRUE(Close("y", std::span(y).first(size), wanted, tolerance));
      EXPECT_TRUE(Close("guard", std::span(y).subspan(size),
                        std::vector<double>(4, kGuard), 0.0));
      c.forward(x.data(), x.data(), size);
      EXPECT_TRUE(Close("in place", x, wanted, tolerance));
    }
  }
}

TEST_P(FurtherActivation, Extremes) {
  const Case& c = GetParam();
  std::vector<float> y(kExtremes.size());
  c.forward(kExtremes.data(), y.data(), y.size());
  EXPECT_TRUE(Close("extremes", y, ToDouble(c.extremes), 2 * kEpsilon));
}

TEST_P(FurtherActivation, Gradient) {
  const Case& c = GetParam();
  for (size_t size = 0; size <= kMaxSize; ++size) {
    for (const float scale : {0.01f, 1.0f, 10.0f, 80.0f}) {
      SCOPED_TRACE(Cat("size ", size, ", scale ", static_cast<double>(scale)));
      Uniform uniform(size + 2);
      const std::vector<float> x = uniform.Values(size, -scale, scale);
      std::vector<float> gradient = uniform.Values(size), given;
      std::vector<double> wanted, tolerance;
      for (size_t i = 0; i < size; ++i) {
        given.push_back(c.from_output ? static_cast<float>(c.f(x[i])) : x[i]);
        const double slope = c.derivative(x[i]);
        wanted.push_back(gradient[i] * slope);
        tolerance.push_back(
            std::fabs(gradient[i]) *
                (c.backward_relative * std::fabs(slope) + c.backward_absolute) +
            kSmallest);
      }
      std::vector<float> got(size + 4, kGuard);
      c.backward(given.data(), gradient.data(), got.data(), size);
      EXPECT_TRUE(Close("input gradient", std::span(got).first(size), wanted,
                        tolerance));
      EXPECT_TRUE(Close("guard", std::span(got).subspan(size),
                        std::vector<double>(4, kGuard), 0.0));
      c.backward(given.data(), gradient.data(), gradient.data(), size);
      EXPECT_TRUE(Close("in place", gradient, wanted, tolerance));
    }
  }
}

TEST_P(FurtherActivation, OneThreadAsSeveral) {
  const Case& c = GetParam();
  Uniform uniform(7);
  const std::vector<float> x = uniform.Values(50'001, -8, 8);
  std::vector<float> whole(x.size()), parts(x.size());
  c.forward(x.data(), whole.data(), x.size());
  // Whatever the ranges that threads take, every number is made on its own.
  for (size_t i = 0; i < x.size(); i += 1237) {
    c.forward(x.data() + i, parts.data() + i,
              std::min<size_t>(1237, x.size() - i));
  }
  EXPECT_EQ(whole, parts);
}

TEST(EluKernel, KeepsTheDigitsOfSmallNumbers) {
  const std::vector<float> x = {-1e-6f, -1e-20f, 1e-20f, -0.0f};
  std::vector<float> y(x.size());
  EluForward(Pool(), x.data(), kPlain, y.data(), y.size());
  EXPECT_TRUE(Close("y", y,
                    std::vector<double>{std::expm1(-1e-6f), -1e-20f, 1e-20f, 0},
                    1e-12));
  EXPECT_NEAR(y[0] / std::expm1(-1e-6f), 1, 5 * kEpsilon);
  EXPECT_NEAR(y[1] / -1e-20f, 1, 5 * kEpsilon);
}

INSTANTIATE_TEST_SUITE_P(Kernels, FurtherActivation,
                         ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lamella::test
