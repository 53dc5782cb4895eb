// Gradients of the losses, alone and through a whole model.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "finite_difference.h"
#include "layers/registry.h"
#include "test_util.h"
#include "training/losses.h"
#include "training/model.h"
#include "training/optimizers.h"

namespace lamella::test {
namespace {

// Values are summed in float64 over float32 terms, which exponentials and
// logarithms round by a few ulps.
Rounded LossValue(const Loss& loss, const Tensor& output,
                  const Tensor& expected) {
  Tensor ignored;
  const double value = loss.Compute(output, expected, ignored);
  return {value, 4 * kEpsilon * (std::fabs(value) + 1.0)};
}

void CheckLoss(const Loss& loss, const Tensor& output, const Tensor& expected) {
  Tensor gradient;
  loss.Compute(output, expected, gradient);
  EXPECT_TRUE(IsDerivative(loss.type(), output, gradient,
                           [&] { return LossValue(loss, output, expected); }));
}

// Rows that are positive and sum to `mass`.
Tensor Distributions(const Shape& shape, float mass) {
  Uniform uniform(5);
  Tensor rows = uniform.Values(shape, 0.1f, 1.0f);
  for (size_t n = 0; n < shape[0]; ++n) {
    const auto row = rows.values().subspan(n * shape[1], shape[1]);
    float sum = 0.0f;
    for (float v : row) sum += v;
    for (float& v : row) v *= mass / sum;
  }
  return rows;
}

TEST(LossGradient, MSE) {
  Uniform uniform(1);
  const auto loss = CreateLoss("MSE", {});
  CheckLoss(*loss, uniform.Values({4, 5}), uniform.Values({4, 5}));
  CheckLoss(*loss, uniform.Values({2, 3, 4, 5}), uniform.Values({2, 3, 4, 5}));
}

TEST(LossGradient, BinaryCrossEntropy) {
  Uniform uniform(2);
  const auto loss = CreateLoss("BinaryCrossEntropy", {});
  CheckLoss(*loss, uniform.Values({7, 1}, -2, 2), uniform.Values({7, 1}, 0, 1));
  CheckLoss(*loss, uniform.Values({3, 5}, -2, 2), uniform.Values({3, 5}, 0, 1));
}

TEST(LossGradient, CategoricalCrossEntropy) {
  Uniform uniform(3);
  const auto loss = CreateLoss("CategoricalCrossEntropy", {});
  const Tensor logits = uniform.Values({4, 7}, -2, 2);
  CheckLoss(*loss, logits, Distributions({4, 7}, 1.0f));
  // The formula with sum(expected) instead of 1 holds for any mass.
  CheckLoss(*loss, logits, Distributions({4, 7}, 2.0f));
}

TEST(LossGradient, CategoricalCrossEntropyWithTemperature) {
  Uniform uniform(4);
  for (double temperature : {0.5, 3.0}) {
    SCOPED_TRACE(temperature);
    const auto loss = CreateLoss("CategoricalCrossEntropy",
                                 MakeConfig({{"temperature", temperature}}));
    CheckLoss(*loss, uniform.Values({3, 4}, -1, 1),
              Distributions({3, 4}, 1.0f));
  }
}

// Layers that are smooth, so that no kink is near any input.
std::vector<std::shared_ptr<Layer>> SmoothNetwork() {
  return {
      CreateLayer("Convolutional", MakeConfig({{"outputDepth", 3.0},
                                               {"kernelSize", 3.0},
                                               {"padding", std::string("same")},
                                               {"noBias", true}})),
      CreateLayer("BatchNormalization2D", MakeConfig({{"epsilon", 1e-3}})),
      CreateLayer("Swish", {}),
      CreateLayer("AveragePooling2D", {}),
      CreateLayer("Flatten", {}),
      CreateLayer("Dense", MakeConfig({{"outputSize", 6.0}})),
      CreateLayer("Tanh", {}),
      CreateLayer("Dense", MakeConfig({{"outputSize", 4.0}})),
      CreateLayer("Softmax", {})};
}

TEST(ModelGradient, AgreesWithFiniteDifferences) {
  Uniform uniform(6);
  const Tensor x = uniform.Values({5, 2, 4, 6});
  const Tensor y = Distributions({5, 4}, 1.0f);
  // A learning rate of 0 leaves the parameters where they are.
  Model model(SmoothNetwork(), CreateLoss("CategoricalCrossEntropy", {}),
              CreateOptimizer("SGD", MakeConfig({{"learningRate", 0.0}})), 9,
              Shape{2, 4, 6});
  const auto f = [&]() -> Rounded {
    const double loss = model.TrainBatch(x, y).loss;
    // Each of the weighted and normalizing layers adds a few ulps.
    return {loss, 32 * kEpsilon * loss};
  };
  f();
  size_t count = 0;
  for (const auto& layer : model.layers()) {
    for (const Parameter& parameter : layer->Params()) {
      ++count;
      // f computes the gradients anew at every point.
      const Tensor gradient = parameter.gradient.Clone();
      EXPECT_TRUE(IsDerivative(Cat(layer->type(), " ", parameter.name),
                               parameter.value, gradient, f));
      f();
    }
  }
  EXPECT_EQ(count, 7u);
}

}  // namespace
}  // namespace lamella::test
