// A model draws the weights of its layers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "layers/weighted_layer.h"
#include "networks.h"
#include "test_util.h"
#include "training/model.h"

namespace lamella::test {
namespace {

constexpr double kInputs = 400;
constexpr double kOutputs = 100;

std::shared_ptr<Layer> Wide(const char* initialization = "auto",
                            bool no_bias = false) {
  return CreateLayer(
      "Dense", MakeConfig({{"outputSize", kOutputs},
                           {"initialization", std::string(initialization)},
                           {"noBias", no_bias}}));
}

double StandardDeviation(const Tensor& values) {
  double mean = 0, variance = 0;
  const double n = static_cast<double>(values.size());
  for (float v : values.values()) mean += v / n;
  for (float v : values.values()) variance += (v - mean) * (v - mean) / n;
  return std::sqrt(variance);
}

// Checks the first layer of a model. The relative standard error of a standard
// deviation over n draws is sqrt(1 / 2n).
void ExpectGain(const Layer& layer, Tensor weights, double gain,
                double fan_in) {
  const double wanted = std::sqrt(gain / fan_in);
  const double n = static_cast<double>(weights.size());
  EXPECT_NEAR(StandardDeviation(weights), wanted,
              5 * wanted * std::sqrt(1 / (2 * n)))
      << layer.type();
}

void CheckFirstLayer(Layers layers, double gain, bool biased) {
  Model model(std::move(layers), nullptr, nullptr, 3,
              Shape{static_cast<size_t>(kInputs)});
  Layer& layer = *model.layers()[0];
  const std::vector<Parameter> params = layer.Params();
  ExpectGain(layer, params[0].value, gain, kInputs);
  ASSERT_EQ(params.size(), biased ? 2u : 1u);
  if (biased) EXPECT_EQ(MaxAbs(params[1].value.values()), 0.0);
}

TEST(Initialization, HeBeforeRectifiersXavierOtherwise) {
  for (const char* type : {"ReLU", "PReLU", "Swish"}) {
    SCOPED_TRACE(type);
    CheckFirstLayer({Wide(), Plain(type)}, 2, true);
  }
  for (const char* type : {"Tanh", "Sigmoid", "Softmax"}) {
    SCOPED_TRACE(type);
    CheckFirstLayer({Wide(), Plain(type)}, 1, true);
  }
  CheckFirstLayer({Wide()}, 1, true);
  CheckFirstLayer({Wide(), Dense(2), Plain("ReLU")}, 1, true);
}

TEST(Initialization, LooksPastTransparentLayers) {
  CheckFirstLayer({Wide(), Plain("Dropout"), Plain("ReLU")}, 2, true);
  CheckFirstLayer({Wide(), Plain("Flatten"), Plain("Tanh"), Plain("ReLU")}, 1,
                  true);
  CheckFirstLayer({Wide(), Plain("BatchNormalization"), Plain("ReLU")}, 2,
                  false);
}

TEST(Initialization, BatchNormalizationMakesABiasUseless) {
  CheckFirstLayer({Wide(), Plain("BatchNormalization")}, 1, false);
  // Only where it comes next: dropout in between is not linear in the bias.
  CheckFirstLayer({Wide(), Plain("Dropout"), Plain("BatchNormalization")}, 1,
                  true);
  CheckFirstLayer({Wide("he"), Plain("BatchNormalization")}, 2, true);
  CheckFirstLayer({Wide("xavier"), Plain("BatchNormalization")}, 1, true);
}

TEST(Initialization, TheUsersChoiceStands) {
  CheckFirstLayer({Wide("he"), Plain("Tanh")}, 2, true);
  CheckFirstLayer({Wide("xavier"), Plain("ReLU")}, 1, true);
  CheckFirstLayer({Wide("auto", true), Plain("ReLU")}, 2, false);
  CheckFirstLayer({Wide("he", true), Plain("Tanh")}, 2, false);
}

// The weights of a layer that is built alone.
Tensor Drawn(const std::shared_ptr<Layer>& layer, const Shape& input_shape) {
  // The same numbers, however many layers other tests have made before.
  layer->Seed({2, 0});
  layer->Build(input_shape);
  return layer->Params()[0].value;
}

TEST(Initialization, DistributionsByName) {
  constexpr double kFans = (kInputs + kOutputs) / 2;
  struct Case {
    const char* name;
    double variance;
    bool is_uniform;
  };
  for (const Case& c : {Case{"heNormal", 2 / kInputs, false},
                        {"heUniform", 2 / kInputs, true},
                        {"glorotNormal", 1 / kFans, false},
                        {"glorotUniform", 1 / kFans, true},
                        {"lecunNormal", 1 / kInputs, false},
                        {"lecunUniform", 1 / kInputs, true}}) {
    SCOPED_TRACE(c.name);
    const auto layer = Wide(c.name);
    const Tensor weights = Drawn(layer, {static_cast<size_t>(kInputs)});
    ExpectGain(*layer, weights, c.variance, 1);
    // A uniform distribution ends at sqrt(3) deviations; 40 000 normal draws
    // reach beyond 3.
    const double reach = MaxAbs(weights.values()) / std::sqrt(c.variance);
    if (c.is_uniform) {
      EXPECT_GT(reach, 1.72);
      EXPECT_LE(reach, std::sqrt(3.0) * (1 + 1e-6));
    } else {
      EXPECT_GT(reach, 3.0);
    }
  }
}

TEST(Initialization, ConvolutionsHaveFansOfTheirGroups) {
  // 8 channels in two groups of 4, 64 channels out, kernels of 3 x 3.
  const auto layer = CreateLayer(
      "Convolutional",
      MakeConfig({{"outputDepth", 64.0},
                  {"kernelSize", 3.0},
                  {"groups", 2.0},
                  {"initialization", std::string("glorotNormal")}}));
  const Tensor kernels = Drawn(layer, {8, 5, 5});
  ExpectGain(*layer, kernels, 2.0 / (4 * 9 + 32 * 9), 1);
}

TEST(Initialization, OrthogonalRowsOrColumns) {
  struct Case {
    size_t inputs, outputs;
  };
  // Fewer rows, fewer columns, a square, less and more than a block of 32.
  for (const auto& [inputs, outputs] :
       {Case{40, 100}, Case{100, 40}, Case{70, 70}, Case{5, 3}, Case{1, 1}}) {
    SCOPED_TRACE(Cat(inputs, " x ", outputs));
    const auto layer = CreateLayer(
        "Dense", MakeConfig({{"outputSize", static_cast<double>(outputs)},
                             {"initialization", std::string("orthogonal")}}));
    const Tensor weights = Drawn(layer, {inputs});
    const bool in_rows = inputs <= outputs;
    const size_t fewer = std::min(inputs, outputs);
    const size_t length = std::max(inputs, outputs);
    const auto at = [&](size_t vector, size_t i) -> double {
      return in_rows ? weights.data()[vector * outputs + i]
                     : weights.data()[i * outputs + vector];
    };
    for (size_t a = 0; a < fewer; ++a) {
      for (size_t b = 0; b <= a; ++b) {
        double product = 0;
        for (size_t i = 0; i < length; ++i) product += at(a, i) * at(b, i);
        EXPECT_NEAR(product, a == b ? 1 : 0, 2e-6) << a << ", " << b;
      }
    }
  }
}

TEST(Initialization, OrthogonalKernelsAreTakenAsAMatrix) {
  const auto layer =
      CreateLayer("Convolutional",
                  MakeConfig({{"outputDepth", 6.0},
                              {"kernelSize", 3.0},
                              {"initialization", std::string("orthogonal")}}));
  const Tensor kernels = Drawn(layer, {2, 5, 5});
  double product = 0, square = 0;
  for (size_t i = 0; i < 18; ++i) {
    product += static_cast<double>(kernels.data()[i]) * kernels.data()[18 + i];
    square += static_cast<double>(kernels.data()[i]) * kernels.data()[i];
  }
  EXPECT_NEAR(product, 0, 2e-6);
  EXPECT_NEAR(square, 1, 2e-6);
}

TEST(Initialization, OrthogonalWorkIsBounded) {
  const auto layer = CreateLayer(
      "Dense", MakeConfig({{"outputSize", 2049.0},
                           {"initialization", std::string("orthogonal")}}));
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"at most 2048", "3000 x 2049"},
                     [&] { layer->Build({3000}); }));
}

TEST(Initialization, Zeros) {
  EXPECT_EQ(MaxAbs(Drawn(Wide("zeros"), {7}).values()), 0.0);
}

TEST(Initialization, ConvolutionsCountKernelsAsFanIn) {
  Model model({Convolution(64), Plain("BatchNormalization2D"), Plain("ReLU")},
              nullptr, nullptr, 3, Shape{8, 5, 5});
  Layer& layer = *model.layers()[0];
  const std::vector<Parameter> params = layer.Params();
  ASSERT_EQ(params.size(), 1u);
  EXPECT_EQ(params[0].name, "kernels");
  ExpectGain(layer, params[0].value, 2, 8 * 9);
}

TEST(Initialization, LoadedParametersSurviveAModel) {
  Uniform uniform(1);
  const auto layer = CreateLayer(
      "Dense", MakeConfig({{"outputSize", 3.0}, {"inputSize", 4.0}}));
  const Tensor weights = uniform.Values({4, 3}),
               biases = uniform.Values({1, 3});
  LoadParams(*layer, {{"weights", weights}, {"biases", biases}});
  Model model({layer, Plain("BatchNormalization"), Plain("ReLU")}, nullptr,
              nullptr, 3, std::nullopt);
  EXPECT_TRUE(Same("weights", layer->Params()[0].value, weights));
  ASSERT_EQ(layer->Params().size(), 2u);
  EXPECT_TRUE(Same("biases", layer->Params()[1].value, biases));
}

TEST(Initialization, TrainedParametersSurviveAModel) {
  const auto layer = Dense(3);
  const Problem problem({6}, 6);
  Model first({layer}, CrossEntropy(), MakeOptimizer("SGD", 0.1), 1, Shape{6});
  first.TrainBatch(problem.x, problem.y);
  const Tensor weights = layer->Params()[0].value.Clone();
  Model second({layer, Plain("ReLU")}, nullptr, nullptr, 2, std::nullopt);
  EXPECT_TRUE(Same("weights", layer->Params()[0].value, weights));
}

TEST(Initialization, InitWeightsDrawsAnew) {
  const auto layer = Wide();
  layer->Build({static_cast<size_t>(kInputs)});
  WeightedLayer* weighted = layer->AsWeighted();
  ASSERT_NE(weighted, nullptr);
  const Tensor before = layer->Params()[0].value.Clone();
  const uint32_t version = layer->params_version();
  weighted->InitWeights(Initialization::kHe, true);
  EXPECT_NE(layer->params_version(), version);
  ASSERT_EQ(layer->Params().size(), 1u);
  EXPECT_FALSE(Same("weights", layer->Params()[0].value, before));
  ExpectGain(*layer, layer->Params()[0].value, 2, kInputs);
  // The bias comes back.
  weighted->InitWeights(Initialization::kXavier, false);
  ASSERT_EQ(layer->Params().size(), 2u);
  ExpectGain(*layer, layer->Params()[0].value, 1, kInputs);
  // And a model leaves it at that.
  const Tensor drawn = layer->Params()[0].value.Clone();
  Model model({layer, Plain("ReLU")}, nullptr, nullptr, 3, std::nullopt);
  EXPECT_TRUE(Same("weights", layer->Params()[0].value, drawn));
}

}  // namespace
}  // namespace lamella::test
