// Layers beyond the specification, against float64 and as parts of a model.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "layers/residual.h"
#include "networks.h"
#include "test_util.h"
#include "training/model.h"

namespace lamella::test {
namespace {

TEST(GlobalAveragePooling, IsTheMeanOfEachChannel) {
  Uniform uniform(1);
  const Tensor x = uniform.Values(Shape{2, 3, 5, 7});
  std::vector<double> wanted(6);
  for (size_t i = 0; i < x.size(); ++i) wanted[i / 35] += x.data()[i] / 35.0;
  const auto layer = Plain("GlobalAveragePooling2D");
  const Tensor& y = layer->Forward(x);
  EXPECT_EQ(y.shape(), (Shape{2, 3}));
  EXPECT_TRUE(Close("means", y.values(), wanted, kEpsilon));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"GlobalAveragePooling2D", "images"},
                     [&] { Plain("GlobalAveragePooling2D")->Build({4}); }));
}

TEST(LayerNormalization, NormalizesEverySample) {
  Uniform uniform(2);
  const Shape sample = {3, 5};
  // Far from 0, where E[x^2] - E[x]^2 would have no digit left.
  Tensor x = uniform.Values(sample.Prepended(4));
  for (float& v : x.values()) v += 1000;
  const auto layer =
      CreateLayer("LayerNormalization", MakeConfig({{"epsilon", 1e-3}}));
  layer->Build(sample);
  std::vector<Parameter> params = layer->Params();
  EXPECT_EQ(params[0].value.shape(), (Shape{1, 3, 5}));
  for (Parameter& parameter : params) {
    std::ranges::copy(uniform.Values(15), parameter.value.data());
  }
  std::vector<double> wanted;
  for (size_t n = 0; n < 4; ++n) {
    const auto row = x.values().subspan(15 * n, 15);
    double mean = 0, variance = 0;
    for (float v : row) mean += v / 15.0;
    for (float v : row) variance += (v - mean) * (v - mean) / 15.0;
    for (size_t i = 0; i < 15; ++i) {
      wanted.push_back(params[0].value.data()[i] * (row[i] - mean) /
                           std::sqrt(variance + 1e-3) +
                       params[1].value.data()[i]);
    }
  }
  for (bool training : {true, false}) {
    EXPECT_TRUE(Close("output",
                      layer->Forward(x, {.training = training}).values(),
                      wanted, 4 * kEpsilon));
  }
}

TEST(Reshape, SharesTheNumbersAndKeepsTheirCount) {
  Uniform uniform(3);
  const Tensor x = uniform.Values(Shape{2, 12});
  const Config config =
      MakeConfig({{"targetShape", std::vector<double>{3, 2, 2}}});
  const auto layer = CreateLayer("Reshape", config);
  const Tensor y = layer->Forward(x);
  EXPECT_EQ(y.shape(), (Shape{2, 3, 2, 2}));
  EXPECT_EQ(y.data(), x.data());
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"Reshape", "[3, 2, 2]", "[13]"},
                     [&] { CreateLayer("Reshape", config)->Build({13}); }));
  EXPECT_TRUE(Throws(ErrorKind::kType, {"Reshape", "targetShape"},
                     [] { CreateLayer("Reshape", {}); }));
}

TEST(GroupedConvolutional, HasOneGroupsKernels) {
  const auto make = [](double groups, double dilation) {
    return CreateLayer("Convolutional",
                       MakeConfig({{"outputDepth", 6.0},
                                   {"kernelSize", 3.0},
                                   {"padding", std::string("same")},
                                   {"groups", groups},
                                   {"dilation", dilation}}));
  };
  const auto depthwise = make(3, 2);
  depthwise->Build({3, 8, 9});
  EXPECT_EQ(depthwise->output_shape(), (Shape{6, 8, 9}));
  EXPECT_EQ(depthwise->Params()[0].value.shape(), (Shape{6, 1, 3, 3}));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"groups", "3", "[4, 8, 8]"}, [&] {
    make(3, 1)->Build({4, 8, 8});
  }));
  EXPECT_TRUE(
      Throws(ErrorKind::kValue, {"groups", "6", "4"}, [&] { make(4, 1); }));
  EXPECT_TRUE(
      Throws(ErrorKind::kValue, {"dilation", "0"}, [&] { make(1, 0); }));
}

// A block without a shortcut, one with a projection, and a stack around them.
Layers ResidualNetwork() {
  const auto normalized = [](double depth) {
    return std::pair(Convolution(depth), Plain("BatchNormalization2D"));
  };
  const auto [c1, n1] = normalized(3);
  const auto [c2, n2] = normalized(6);
  return {
      Convolution(3),
      MakeResidual(Residual::Layers{c1, n1, Plain("ReLU"), Plain("Dropout")},
                   Residual::Layers{}),
      Plain("ReLU"),
      MakeResidual(Residual::Layers{c2, n2}, Residual::Layers{Convolution(6)}),
      Plain("ReLU"),
      Plain("GlobalAveragePooling2D"),
      Dense(3)};
}

const Shape kImage = {2, 6, 6};

Model ResidualModel(uint64_t seed, double rate = 0.02) {
  return Model(ResidualNetwork(), CrossEntropy(), MakeOptimizer("Adam", rate),
               seed, kImage);
}

TEST(Residual, TrainsAndAllocatesNothing) {
  const Problem problem(kImage, 48);
  Model model = ResidualModel(4);
  const BatchResult before = model.EvaluateRows(problem.x, problem.y, 0, 48);
  for (int step = 0; step < 3; ++step) model.TrainBatch(problem.x, problem.y);
  const size_t allocations = AllocationCount();
  for (int step = 0; step < 40; ++step) model.TrainBatch(problem.x, problem.y);
  EXPECT_EQ(AllocationCount(), allocations);
  const BatchResult after = model.EvaluateRows(problem.x, problem.y, 0, 48);
  EXPECT_LT(after.loss, before.loss / 2);
  EXPECT_GT(after.accuracy, 0.9);
}

TEST(Residual, FollowsTheSeedWithLayersThatDiffer) {
  const auto kernels = [](uint64_t seed) {
    Model model = ResidualModel(seed);
    std::vector<Tensor> values;
    for (const Parameter& parameter : model.layers()[3]->Params()) {
      if (parameter.name.ends_with("kernels")) {
        values.push_back(parameter.value.Clone());
      }
    }
    return values;
  };
  const auto first = kernels(1), again = kernels(1), other = kernels(2);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_TRUE(Same("kernels", again[0], first[0]));
  EXPECT_FALSE(Same("kernels", other[0], first[0]));
  EXPECT_FALSE(Same("kernels of two layers", first[1], first[0]));
}

TEST(Residual, NamesParametersAndStateByTheirPlace) {
  Model model = ResidualModel(1);
  std::vector<std::string> names;
  for (const Parameter& parameter : model.layers()[3]->Params()) {
    names.push_back(parameter.name);
  }
  // "auto" drops the bias before the normalization.
  EXPECT_EQ(names, (std::vector<std::string>{
                       "layers_0_kernels", "layers_1_gamma", "layers_1_beta",
                       "shortcut_0_kernels", "shortcut_0_biases"}));
  const auto state = model.layers()[3]->State();
  ASSERT_EQ(state.size(), 2u);
  EXPECT_EQ(state[0].name, "layers_1_cache_m");
}

TEST(Residual, FreezesWhatIsInside) {
  const Problem problem(kImage, 12);
  Model model = ResidualModel(1);
  Layer& block = *model.layers()[3];
  block.set_trainable(false);
  // One of the layers alone.
  model.layers()[1]->Chains()[0][0]->set_trainable(false);
  const auto values = [](Layer& layer) {
    std::vector<Tensor> result;
    for (const Parameter& each : layer.Params()) {
      result.push_back(each.value.Clone());
    }
    for (const Parameter& each : layer.State()) {
      result.push_back(each.value.Clone());
    }
    return result;
  };
  const auto frozen = values(block), partly = values(*model.layers()[1]);
  model.TrainBatch(problem.x, problem.y);
  const auto after = values(block);
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_TRUE(Same("frozen", after[i], frozen[i]));
  }
  EXPECT_TRUE(Same("kernels", values(*model.layers()[1])[0], partly[0]));
  EXPECT_FALSE(Same("gamma", values(*model.layers()[1])[1], partly[1]));
}

TEST(Residual, ShapesMustAgree) {
  const auto build = [](Residual::Layers layers, Residual::Layers shortcut) {
    MakeResidual(std::move(layers), shortcut)->Build(kImage);
  };
  EXPECT_TRUE(Throws(ErrorKind::kShape,
                     {"Residual", "[3, 6, 6]", "[2, 6, 6]", "shortcut"},
                     [&] { build({Convolution(3)}, {}); }));
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"Residual"}, [&] { build({}, {}); }));
}

}  // namespace
}  // namespace lamella::test
