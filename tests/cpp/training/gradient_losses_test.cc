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

// Rows that are positive and sum to 1.
Tensor Distributions(const Shape& shape) {
  Uniform uniform(5);
  Tensor rows = uniform.Values(shape, 0.1f, 1.0f);
  for (size_t n = 0; n < shape[0]; ++n) {
    const auto row = rows.values().subspan(n * shape[1], shape[1]);
    float sum = 0.0f;
    for (float v : row) sum += v;
    for (float& v : row) v /= sum;
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
  CheckLoss(*loss, logits, Distributions({4, 7}));
}

TEST(LossGradient, CategoricalCrossEntropyWithTemperature) {
  Uniform uniform(4);
  for (double temperature : {0.5, 3.0}) {
    SCOPED_TRACE(temperature);
    const auto loss = CreateLoss("CategoricalCrossEntropy",
                                 MakeConfig({{"temperature", temperature}}));
    CheckLoss(*loss, uniform.Values({3, 4}, -1, 1), Distributions({3, 4}));
  }
}

TEST(LossGradient, SparseCategoricalCrossEntropy) {
  Uniform uniform(12);
  const auto loss = CreateLoss("SparseCategoricalCrossEntropy",
                               MakeConfig({{"temperature", 2.0}}));
  const Tensor logits = uniform.Values({4, 3}, -2, 2);
  const std::vector<float> labels = {2, 0, 1, 2};
  CheckLoss(*loss, logits, Tensor({4}, labels));
  CheckLoss(*loss, logits, Tensor({4, 1}, labels));
}

TEST(LossGradient, CrossEntropiesOfSequencesAndImages) {
  Uniform uniform(15);
  const auto sparse = CreateLoss("SparseCategoricalCrossEntropy", {});
  const std::vector<float> labels = {2, 0, 1, 2, 1, 1};
  CheckLoss(*sparse, uniform.Values({2, 3, 3}, -2, 2), Tensor({2, 3}, labels));
  CheckLoss(*sparse, uniform.Values({1, 3, 2, 3}, -2, 2),
            Tensor({1, 2, 3}, labels));
  const auto loss =
      CreateLoss("CategoricalCrossEntropy", MakeConfig({{"axis", -1.0}}));
  Tensor expected({2, 3, 5}, Distributions({6, 5}).values());
  CheckLoss(*loss, uniform.Values({2, 3, 5}, -2, 2), expected);
}

TEST(LossGradient, Huber) {
  Uniform uniform(13);
  for (double delta : {0.5, 3.0}) {
    SCOPED_TRACE(delta);
    const auto loss = CreateLoss("Huber", MakeConfig({{"delta", delta}}));
    const Tensor expected = uniform.Values({3, 8});
    Tensor output = expected.Clone();
    double value = 0;
    for (size_t i = 0; i < output.size(); ++i) {
      // Differences on either side of delta, away from the kink of the slope.
      const float difference = (i % 2 == 0 ? 0.25f : 1.5f) *
                               static_cast<float>(delta) *
                               (i % 3 == 0 ? -1.0f : 1.0f);
      output.data()[i] += difference;
      const double d =
          static_cast<double>(output.data()[i]) - expected.data()[i];
      value += std::fabs(d) <= delta ? d * d / 2
                                     : delta * (std::fabs(d) - delta / 2);
    }
    EXPECT_NEAR(LossValue(*loss, output, expected).value, value / 3,
                1e-14 * value);
    CheckLoss(*loss, output, expected);
  }
}

TEST(LossGradient, WithClassWeights) {
  Uniform uniform(14);
  const std::vector<float> weights = {0.5f, 0, 3};
  const std::span<const float> two = std::span(weights).subspan(1);
  const std::vector<float> labels = {2, 0, 1, 2};
  const struct {
    const char* type;
    Tensor expected;
    std::span<const float> weights;
  } kCases[] = {{"CategoricalCrossEntropy", Distributions({4, 3}), weights},
                {"SparseCategoricalCrossEntropy", Tensor({4}, labels), weights},
                {"BinaryCrossEntropy", uniform.Values({4, 3}, 0, 1), two}};
  for (const auto& test_case : kCases) {
    SCOPED_TRACE(test_case.type);
    const auto loss = CreateLoss(test_case.type, {});
    const Tensor logits = uniform.Values({4, 3}, -2, 2);
    Tensor gradient, ignored;
    const double weighted =
        loss->Compute(logits, test_case.expected, gradient, test_case.weights);
    EXPECT_TRUE(IsDerivative("logits", logits, gradient, [&]() -> Rounded {
      const double value =
          loss->Compute(logits, test_case.expected, ignored, test_case.weights);
      return {value, 4 * kEpsilon * (value + 1)};
    }));
    // Weights of 1 are none, up to rounding; these do something.
    const std::vector<float> ones(test_case.weights.size(), 1.0f);
    const double plain = loss->Compute(logits, test_case.expected, ignored, {});
    EXPECT_NEAR(loss->Compute(logits, test_case.expected, ignored, ones), plain,
                4 * kEpsilon * plain);
    EXPECT_GT(std::fabs(weighted - plain), 0.01 * plain);
  }
}

TEST(LossErrors, LabelsMustBeClasses) {
  const auto loss = CreateLoss("SparseCategoricalCrossEntropy", {});
  Tensor gradient;
  for (float label : {-1.0f, 3.0f, 0.5f, NAN}) {
    const std::vector<float> labels = {0, label};
    EXPECT_TRUE(Throws(ErrorKind::kValue,
                       {"SparseCategoricalCrossEntropy", "labels", "0 to 2"},
                       [&] {
                         loss->Compute(Tensor(Shape{2, 3}),
                                       Tensor(Shape{2}, labels), gradient);
                       }));
  }
  for (const Shape& shape : {Shape{3}, Shape{2, 2}, Shape{2, 3}, Shape{}}) {
    EXPECT_TRUE(Throws(ErrorKind::kShape, {"must have shape [2]"}, [&] {
      loss->Compute(Tensor(Shape{2, 3}), Tensor(shape), gradient);
    }));
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
  const Tensor y = Distributions({5, 4});
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
