// One step of each optimizer against float64.
#include "kernels/optimizer_updates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

constexpr size_t kMaxSize = 13;
constexpr GradientPenalty kPenalties[] = {
    {},
    {.l1 = 0.125f},
    {.l2 = 0.25f},
    {.l1 = 0.5f, .l2 = 0.125f},
    {.l1 = 0.5f, .l2 = 0.125f, .scale = 0.25f}};

// Values, gradients and state of one parameter with zeros among the values,
// whose sign is 0.
struct Data {
  explicit Data(size_t size)
      : uniform(size + 1),
        value(uniform.Values(size)),
        gradient(uniform.Values(size)),
        first(uniform.Values(size)),
        second(uniform.Values(size, 0.0f, 1.0f)) {
    if (size > 1) value[1] = 0.0f;
    if (size > 6) value[6] = -0.0f;
  }

  double Penalized(size_t i, GradientPenalty penalty) const {
    const double v = value[i];
    return penalty.scale * gradient[i] + penalty.l2 * v +
           penalty.l1 * ((v > 0) - (v < 0));
  }

  Uniform uniform;
  std::vector<float> value, gradient, first, second;
};

// All operands are of order 1, so that a handful of roundings is absolute too.
constexpr double kTolerance = 8 * kEpsilon;

template <typename Check>
void ForEach(Check&& check) {
  for (size_t size = 0; size <= kMaxSize; ++size) {
    for (const GradientPenalty& penalty : kPenalties) {
      SCOPED_TRACE(Cat("size ", size, ", l1 ", static_cast<double>(penalty.l1),
                       ", l2 ", static_cast<double>(penalty.l2), ", scale ",
                       static_cast<double>(penalty.scale)));
      Data data(size);
      const std::vector<float> gradient = data.gradient;
      check(data, penalty);
      EXPECT_EQ(data.gradient, gradient) << "the gradient is not to be changed";
    }
  }
}

TEST(OptimizerUpdates, Sgd) {
  constexpr float kRate = 0.5f, kMomentum = 0.75f;
  for (bool nesterov : {false, true}) {
    SCOPED_TRACE(Cat("nesterov ", nesterov));
    ForEach([&](Data& data, GradientPenalty penalty) {
      std::vector<double> velocity, value;
      for (size_t i = 0; i < data.value.size(); ++i) {
        const double push = kRate * data.Penalized(i, penalty);
        velocity.push_back(kMomentum * data.first[i] - push);
        value.push_back(data.value[i] + (nesterov
                                             ? kMomentum * velocity[i] - push
                                             : velocity[i]));
      }
      SgdUpdate(Pool(), value.size(), kRate, kMomentum, nesterov, penalty,
                data.gradient.data(), data.first.data(), data.value.data());
      EXPECT_TRUE(Close("velocity", data.first, velocity, kTolerance));
      EXPECT_TRUE(Close("value", data.value, value, kTolerance));
    });
  }
}

TEST(OptimizerUpdates, Rmsprop) {
  constexpr double kDecay = 0.9;
  constexpr float kRate = 0.25f, kFloor = 0.125f;
  ForEach([&](Data& data, GradientPenalty penalty) {
    std::vector<double> cache, value;
    for (size_t i = 0; i < data.value.size(); ++i) {
      const double g = data.Penalized(i, penalty);
      cache.push_back(kDecay * data.second[i] + (1 - kDecay) * g * g);
      value.push_back(data.value[i] -
                      kRate * g / (std::sqrt(cache[i]) + kFloor));
    }
    RmspropUpdate(Pool(), value.size(), kRate, kDecay, kFloor, penalty,
                  data.gradient.data(), data.second.data(), data.value.data());
    EXPECT_TRUE(Close("cache", data.second, cache, kTolerance));
    // The step is divided by at least 0.125 + the root, of order 1.
    EXPECT_TRUE(Close("value", data.value, value, 2 * kTolerance));
  });
}

TEST(OptimizerUpdates, Adam) {
  struct {
    double decay;
    bool first;
  } kDecays[] = {{0.0, false}, {0.5, false}, {0.5, true}};
  for (const auto& [decay, decay_first] : kDecays) {
    SCOPED_TRACE(Cat("decay ", decay, decay_first ? " first" : ""));
    const AdamStep step = {.learning_rate = 0.25,
                           .beta1 = 0.9,
                           .beta2 = 0.999,
                           .epsilon = 0.125,
                           .first_correction = 1 / (1 - 0.9 * 0.9),
                           .second_correction = 1 / (1 - 0.998001),
                           .decay = decay,
                           .decay_first = decay_first};
    ForEach([&](Data& data, GradientPenalty penalty) {
      std::vector<double> first, second, value;
      for (size_t i = 0; i < data.value.size(); ++i) {
        const double g = data.Penalized(i, penalty);
        first.push_back(step.beta1 * data.first[i] + (1 - step.beta1) * g);
        second.push_back(step.beta2 * data.second[i] +
                         (1 - step.beta2) * g * g);
        const double m = first[i] * step.first_correction;
        const double v = second[i] * step.second_correction;
        const double change =
            step.learning_rate * m / (std::sqrt(v) + step.epsilon);
        const double shrink = 1 - step.learning_rate * decay;
        value.push_back(decay_first ? data.value[i] * shrink - change
                                    : (data.value[i] - change) * shrink);
      }
      AdamUpdate(Pool(), value.size(), step, penalty, data.gradient.data(),
                 data.first.data(), data.second.data(), data.value.data());
      EXPECT_TRUE(Close("first moment", data.first, first, kTolerance));
      EXPECT_TRUE(Close("second moment", data.second, second, kTolerance));
      EXPECT_TRUE(Close("value", data.value, value, 2 * kTolerance));
    });
  }
}

TEST(OptimizerUpdates, SumOfSquaresIsInDoublePrecision) {
  const std::vector<float> values = {1e20f, -3.0f, 4.0f, 1e-20f, 0.5f};
  EXPECT_EQ(SumOfSquares(values.data() + 1, 2), 25.0);
  EXPECT_EQ(SumOfSquares(values.data(), 0), 0.0);
  EXPECT_NEAR(SumOfSquares(values.data(), 5) / 1e40, 1.0, 4 * kEpsilon);
}

TEST(OptimizerUpdates, NothingBehindTheEnd) {
  for (size_t size = 0; size <= kMaxSize; ++size) {
    std::vector<float> gradient(size + 4, 1), first(size + 4, 1);
    std::vector<float> second(size + 4, 1), value(size + 4, 1);
    SgdUpdate(Pool(), size, 0.5f, 0.5f, false, {}, gradient.data(),
              first.data(), value.data());
    RmspropUpdate(Pool(), size, 0.5f, 0.5, 0.5f, {}, gradient.data(),
                  second.data(), value.data());
    AdamUpdate(Pool(), size,
               {.learning_rate = 1,
                .beta1 = 0.5,
                .beta2 = 0.5,
                .epsilon = 1,
                .first_correction = 1,
                .second_correction = 1,
                .decay = 0.5},
               {}, gradient.data(), first.data(), second.data(), value.data());
    for (const auto* buffer : {&first, &second, &value}) {
      EXPECT_TRUE(Close(Cat("guard, size ", size),
                        std::span(*buffer).subspan(size),
                        std::vector<double>(4, 1.0), 0.0));
    }
  }
}

TEST(OptimizerUpdates, AFirstStepOfAdamIsTheLearningRate) {
  // 1 - 0.999 in float32 is wrong in the fifth digit; here that would show.
  const AdamStep step = {.learning_rate = 0.001,
                         .beta1 = 0.9,
                         .beta2 = 0.999,
                         .epsilon = 1e-8,
                         .first_correction = 1 / (1 - 0.9),
                         .second_correction = 1 / (1 - 0.999),
                         .decay = 0};
  for (float g : {1e-3f, 0.5f, 100.0f}) {
    float first = 0, second = 0, value = 0;
    AdamUpdate(Pool(), 1, step, {}, &g, &first, &second, &value);
    EXPECT_NEAR(value, -0.001 * g / (g + 1e-8), 0.001 * 4 * kEpsilon) << g;
  }
}

// Whether processors are slow with it.
bool IsDenormal(float x) { return std::fpclassify(x) == FP_SUBNORMAL; }

TEST(OptimizerUpdates, WhatDecaysDoesNotBecomeDenormal) {
  constexpr int kSteps = 3000;
  for (const float rest : {0.0f, 1e-21f, -1e-30f, 1e-40f}) {
    SCOPED_TRACE(rest);
    float velocity = 0, cache = 0, first = 0, second = 0;
    float sgd = 0, rmsprop = 0, adam = 0;
    const AdamStep step = {.learning_rate = 0.001,
                           .beta1 = 0.9,
                           .beta2 = 0.9,
                           .epsilon = 1e-8,
                           .first_correction = 1,
                           .second_correction = 1,
                           .decay = 0};
    for (int i = 0; i < kSteps; ++i) {
      // A gradient once, and then next to none.
      const float g = i == 0 ? 1.0f : rest;
      SgdUpdate(Pool(), 1, 0.5f, 0.9f, false, {}, &g, &velocity, &sgd);
      RmspropUpdate(Pool(), 1, 0.001f, 0.9, 1e-8f, {}, &g, &cache, &rmsprop);
      AdamUpdate(Pool(), 1, step, {}, &g, &first, &second, &adam);
      for (const float each : {velocity, cache, first, second}) {
        ASSERT_FALSE(IsDenormal(each)) << "step " << i;
      }
    }
    EXPECT_LT(std::fabs(velocity), 1e-20f);
    EXPECT_EQ(first, 0.0f);
    EXPECT_NEAR(sgd, -5, 1e-5);
  }
  // Without epsilon nothing is divided by 0, whatever the gradient.
  float second = 0, first = 0, value = 1;
  const float none = 0;
  AdamUpdate(Pool(), 1,
             {.learning_rate = 0.001,
              .beta1 = 0.9,
              .beta2 = 0.999,
              .epsilon = 0,
              .first_correction = 10,
              .second_correction = 1000,
              .decay = 0},
             {}, &none, &first, &second, &value);
  EXPECT_EQ(value, 1.0f);
}

// From about 2^64 on the square of a gradient is infinite. A mean of squares
// that were so would hold the value where it is from then on.
TEST(OptimizerUpdates, AHugeGradientIsAStepLikeAnother) {
  for (const float g : {1.0f, 1e10f, 1e17f, 1e20f, 1e30f, -3e38f}) {
    SCOPED_TRACE(static_cast<double>(g));
    const AdamStep step = {.learning_rate = 0.001,
                           .beta1 = 0.9,
                           .beta2 = 0.999,
                           .epsilon = 1e-8,
                           .first_correction = 10,
                           .second_correction = 1000,
                           .decay = 0};
    float cache = 0, first = 0, second = 0, rmsprop = 0, adam = 0;
    AdamUpdate(Pool(), 1, step, {}, &g, &first, &second, &adam);
    EXPECT_NEAR(adam, std::copysign(0.001, -g), 1e-6);
    RmspropUpdate(Pool(), 1, 0.001f, 0.9, 1e-8f, {}, &g, &cache, &rmsprop);
    EXPECT_NEAR(rmsprop, std::copysign(0.001 / std::sqrt(0.1), -g), 1e-6);
    EXPECT_TRUE(std::isfinite(second));
  }
  const float nan = std::nanf("");
  float cache = 0, value = 0;
  RmspropUpdate(Pool(), 1, 0.001f, 0.9, 1e-8f, {}, &nan, &cache, &value);
  EXPECT_TRUE(std::isnan(value)) << "what is wrong is not hidden";
}

}  // namespace
}  // namespace lamella::test
