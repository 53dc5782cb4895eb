// Softmax and its loss against float64.
#include "kernels/softmax.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Case {
  size_t outer, classes, inner;
  float temperature, scale;

  size_t size() const { return outer * classes * inner; }
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (size_t classes : {1, 2, 3, 4, 5, 7, 8, 10, 17}) {
    for (size_t inner : {1, 2, 3, 4, 5, 9}) {
      for (float temperature : {0.5f, 1.0f, 3.0f}) {
        for (float scale : {1.0f, 30.0f}) {
          cases.push_back({3, classes, inner, temperature, scale});
        }
      }
    }
  }
  return cases;
}

std::string Describe(const Case& c) {
  return Cat("outer ", c.outer, ", classes ", c.classes, ", inner ", c.inner,
             ", temperature ", static_cast<double>(c.temperature), ", scale ",
             static_cast<double>(c.scale));
}

// log softmax(x / temperature) along the middle axis.
std::vector<double> LogSoftmax(const Case& c, const std::vector<float>& x) {
  std::vector<double> y(x.size());
  for (size_t n = 0; n < c.outer; ++n) {
    for (size_t i = 0; i < c.inner; ++i) {
      const auto at = [&](size_t k) {
        return (n * c.classes + k) * c.inner + i;
      };
      double maximum = -HUGE_VAL, sum = 0;
      for (size_t k = 0; k < c.classes; ++k) {
        maximum = std::max(maximum, static_cast<double>(x[at(k)]));
      }
      for (size_t k = 0; k < c.classes; ++k) {
        sum += std::exp((x[at(k)] - maximum) / c.temperature);
      }
      for (size_t k = 0; k < c.classes; ++k) {
        y[at(k)] = (x[at(k)] - maximum) / c.temperature - std::log(sum);
      }
    }
  }
  return y;
}

// Relative error of one exponential of a sum: the argument, at most `range`,
// is rounded three times, the function and the division by the sum of
// `classes` terms some more.
double RelativeError(const Case& c) {
  const double range = 2.0 * c.scale / c.temperature;
  return (2 * range + static_cast<double>(c.classes) + 6) * kEpsilon;
}

TEST(SoftmaxKernel, Forward) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Describe(c));
    Uniform uniform(1);
    std::vector<float> x = uniform.Values(c.size(), -c.scale, c.scale);
    std::vector<double> wanted = LogSoftmax(c, x), tolerance(c.size());
    for (size_t i = 0; i < wanted.size(); ++i) {
      wanted[i] = std::exp(wanted[i]);
      // Subnormal results have absolute errors.
      tolerance[i] = RelativeError(c) * wanted[i] + 1e-44;
    }
    std::vector<float> y(c.size(), NAN);
    SoftmaxForward(Pool(), x.data(), c.outer, c.classes, c.inner, c.temperature,
                   y.data());
    EXPECT_TRUE(Close("y", y, wanted, tolerance));
    SoftmaxForward(Pool(), x.data(), c.outer, c.classes, c.inner, c.temperature,
                   x.data());
    EXPECT_TRUE(Close("in place", x, wanted, tolerance));
  }
}

TEST(SoftmaxKernel, Gradient) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Describe(c));
    Uniform uniform(2);
    const std::vector<float> x = uniform.Values(c.size(), -c.scale, c.scale);
    const std::vector<float> gradient = uniform.Values(c.size());
    std::vector<float> y(c.size());
    const std::vector<double> logs = LogSoftmax(c, x);
    for (size_t i = 0; i < y.size(); ++i) {
      y[i] = static_cast<float>(std::exp(logs[i]));
    }
    std::vector<double> wanted(c.size()), tolerance(c.size());
    for (size_t i = 0; i < c.size(); ++i) {
      const size_t n = i / (c.classes * c.inner), pixel = i % c.inner;
      double dot = 0;
      for (size_t k = 0; k < c.classes; ++k) {
        const size_t at = (n * c.classes + k) * c.inner + pixel;
        dot += static_cast<double>(y[at]) * gradient[at];
      }
      wanted[i] = y[i] * (gradient[i] - dot) / c.temperature;
      // |dot| and |gradient| are at most 1.
      tolerance[i] = (static_cast<double>(c.classes) + 4) * kEpsilon * y[i] /
                         c.temperature +
                     1e-44;
    }
    std::vector<float> got(c.size(), NAN);
    SoftmaxGradient(Pool(), y.data(), gradient.data(), c.outer, c.classes,
                    c.inner, c.temperature, got.data());
    EXPECT_TRUE(Close("input gradient", got, wanted, tolerance));
  }
}

TEST(SoftmaxKernel, Extremes) {
  const std::vector<float> x = {1e30f,  -1e30f, 0,  // one winner
                                -1e30f, -1e30f, 0,  // the same, last
                                1000,   1000,   -kInfinity,
                                NAN,    0,      0,    // a NaN spoils its row
                                0,      0,      NAN,  // in any place
                                3e38f,  3e38f,  3e38f};
  const double third = 1.0f / 3.0f;
  const std::vector<double> wanted = {1,     0,     0,    //
                                      0,     0,     1,    //
                                      0.5,   0.5,   0,    //
                                      NAN,   NAN,   NAN,  //
                                      NAN,   NAN,   NAN,  //
                                      third, third, third};
  std::vector<float> y(x.size());
  SoftmaxForward(Pool(), x.data(), 6, 3, 1, 1.0f, y.data());
  EXPECT_TRUE(Close("rows", y, wanted, kEpsilon));
  // The same as columns: six pixels of three classes.
  std::vector<float> columns(x.size()), y_columns(x.size());
  std::vector<double> wanted_columns(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    columns[i % 3 * 6 + i / 3] = x[i];
    wanted_columns[i % 3 * 6 + i / 3] = wanted[i];
  }
  SoftmaxForward(Pool(), columns.data(), 1, 3, 6, 1.0f, y_columns.data());
  EXPECT_TRUE(Close("columns", y_columns, wanted_columns, kEpsilon));
}

TEST(SoftmaxCrossEntropyKernel, ValueAndGradient) {
  for (Case c : Cases()) {
    if (c.inner != 1) continue;
    SCOPED_TRACE(Describe(c));
    constexpr float kScale = 0.25f;
    Uniform uniform(3);
    const std::vector<float> x = uniform.Values(c.size(), -c.scale, c.scale);
    const std::vector<float> expected = uniform.Values(c.size(), 0, 1);
    const std::vector<double> logs = LogSoftmax(c, x);
    double value = 0, magnitude = 0;
    std::vector<double> wanted(c.size()), tolerance(c.size());
    for (size_t i = 0; i < c.size(); ++i) {
      value -= expected[i] * logs[i];
      magnitude += expected[i] * (std::fabs(logs[i]) + 1);
      double mass = 0;
      for (size_t k = 0; k < c.classes; ++k) {
        mass += expected[i / c.classes * c.classes + k];
      }
      const double probability = std::exp(logs[i]);
      wanted[i] = (probability * mass - expected[i]) / c.temperature * kScale;
      tolerance[i] = ((RelativeError(c) + 2 * kEpsilon) * probability * mass +
                      4 * kEpsilon * (probability * mass + expected[i])) /
                     c.temperature * kScale;
    }
    std::vector<float> gradient(c.size(), NAN);
    const double got =
        SoftmaxCrossEntropy(x.data(), expected.data(), c.outer, c.classes,
                            c.temperature, kScale, nullptr, gradient.data());
    EXPECT_NEAR(got, value, RelativeError(c) * magnitude);
    EXPECT_TRUE(Close("gradient", gradient, wanted, tolerance));
  }
}

TEST(SoftmaxCrossEntropyKernel, NeitherOverflowsNorSaturates) {
  const std::vector<float> logits = {0, 1000, -1000}, one_hot = {1, 0, 0};
  std::vector<float> gradient(3);
  // An epsilon inside the logarithm would cap this at 18.42.
  EXPECT_EQ(SoftmaxCrossEntropy(logits.data(), one_hot.data(), 1, 3, 1.0f, 1.0f,
                                nullptr, gradient.data()),
            1000.0);
  EXPECT_TRUE(Close("gradient", gradient, std::vector<double>{-1, 1, 0}, 0.0));
  // A class that cannot be, and is not expected, does not matter.
  const std::vector<float> impossible = {0, -kInfinity, 0};
  EXPECT_NEAR(SoftmaxCrossEntropy(impossible.data(), one_hot.data(), 1, 3, 1.0f,
                                  1.0f, nullptr, gradient.data()),
              std::log(2.0), kEpsilon);
  EXPECT_TRUE(
      Close("gradient", gradient, std::vector<double>{-0.5, 0, 0.5}, 0.0));
}

TEST(SoftmaxCrossEntropyKernel, NaNShows) {
  const std::vector<float> logits = {0, 1, NAN}, one_hot = {1, 0, 0};
  std::vector<float> gradient(3);
  EXPECT_TRUE(
      std::isnan(SoftmaxCrossEntropy(logits.data(), one_hot.data(), 1, 3, 1.0f,
                                     1.0f, nullptr, gradient.data())));
  EXPECT_TRUE(
      Close("gradient", gradient, std::vector<double>{NAN, NAN, NAN}, 0.0));
}

TEST(SoftmaxCrossEntropyKernel, ClassWeightsMultiplyWhatIsExpected) {
  constexpr size_t kRows = 5, kClasses = 7;
  Uniform uniform(8);
  const std::vector<float> x = uniform.Values(kRows * kClasses, -3, 3);
  const std::vector<float> expected = uniform.Values(x.size(), 0, 1);
  const std::vector<float> weights = uniform.Values(kClasses, 0, 4);
  std::vector<float> product(x.size()), gradient(x.size()), wanted(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    product[i] = expected[i] * weights[i % kClasses];
  }
  EXPECT_EQ(SoftmaxCrossEntropy(x.data(), expected.data(), kRows, kClasses,
                                2.0f, 0.5f, weights.data(), gradient.data()),
            SoftmaxCrossEntropy(x.data(), product.data(), kRows, kClasses, 2.0f,
                                0.5f, nullptr, wanted.data()));
  EXPECT_EQ(gradient, wanted);
}

TEST(SparseSoftmaxCrossEntropyKernel, EqualsOneHotRows) {
  constexpr size_t kRows = 6, kClasses = 5;
  Uniform uniform(9);
  const std::vector<float> x = uniform.Values(kRows * kClasses, -3, 3);
  const std::vector<float> weights = {0.5f, 0, 2, 1, 3};
  const std::vector<float> labels = {4, 0, 1, 3, 2, 4};
  std::vector<float> one_hot(x.size()), gradient(x.size()), wanted(x.size());
  for (size_t n = 0; n < kRows; ++n) {
    one_hot[n * kClasses + static_cast<size_t>(labels[n])] = 1;
  }
  for (const float* class_weights :
       {weights.data(), static_cast<const float*>(nullptr)}) {
    EXPECT_EQ(
        SparseSoftmaxCrossEntropy(x.data(), labels.data(), kRows, kClasses,
                                  2.0f, 0.5f, class_weights, gradient.data()),
        SoftmaxCrossEntropy(x.data(), one_hot.data(), kRows, kClasses, 2.0f,
                            0.5f, class_weights, wanted.data()));
    EXPECT_EQ(gradient, wanted);
  }
}

}  // namespace
}  // namespace lamella::test
