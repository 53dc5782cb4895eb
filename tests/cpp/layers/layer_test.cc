// The layers' contract: errors, configuration, parameters, memory.
#include "layers/layer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "layers/registry.h"
#include "layers/weighted_layer.h"
#include "test_util.h"

namespace lamella::test {
namespace {

using List = std::vector<double>;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

ConfigValue Text(const char* text) { return std::string(text); }

std::shared_ptr<Layer> MakeDense(double outputs) {
  return CreateLayer("Dense", MakeConfig({{"outputSize", outputs}}));
}

TEST(LayerErrors, NotBuilt) {
  const auto layer = MakeDense(3);
  const Tensor x(Shape{2, 4});
  const auto expect = [](const std::function<void()>& call) {
    EXPECT_TRUE(Throws(ErrorKind::kState, {"Dense", "build"}, call));
  };
  expect([&] { layer->Forward(x); });
  expect([&] { layer->Params(); });
  expect([&] { layer->input_shape(); });
  expect([&] { layer->output_shape(); });
  expect([&] { layer->AsWeighted()->InitWeights(Initialization::kHe, false); });
  const auto norm = CreateLayer("BatchNormalization", {});
  EXPECT_TRUE(Throws(ErrorKind::kState, {"BatchNormalization", "build"},
                     [&] { norm->Params(); }));
  EXPECT_TRUE(Throws(ErrorKind::kState, {"BatchNormalization", "build"},
                     [&] { norm->State(); }));
}

TEST(LayerErrors, BackwardBeforeForward) {
  for (const char* type : {"Dense", "ReLU", "Dropout", "BatchNormalization"}) {
    SCOPED_TRACE(type);
    const auto layer = CreateLayer(type, std::string(type) == "Dense"
                                             ? MakeConfig({{"outputSize", 3.0}})
                                             : Config());
    layer->Build({3});
    EXPECT_TRUE(Throws(ErrorKind::kState, {type, "forward"}, [&] {
      layer->Backward(Tensor(Shape{2, 3}));
    }));
  }
}

TEST(LayerErrors, WrongInputShape) {
  const auto layer = MakeDense(3);
  layer->Build({4});
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"Dense", "[4]", "[2, 5]"}, [&] {
    layer->Forward(Tensor(Shape{2, 5}));
  }));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"Dense", "batch", "[4]"},
                     [&] { layer->Forward(Tensor(Shape{4})); }));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"Dense", "empty", "[0, 4]"}, [&] {
    layer->Forward(Tensor(Shape{0, 4}));
  }));
}

TEST(LayerErrors, WrongGradientShape) {
  const auto layer = MakeDense(3);
  layer->Build({4});
  layer->Forward(Tensor(Shape{2, 4}));
  for (const Shape& shape : {Shape{2, 4}, Shape{3, 3}, Shape{6}}) {
    EXPECT_TRUE(Throws(ErrorKind::kShape, {"Dense", "[2, 3]", ToText(shape)},
                       [&] { layer->Backward(Tensor(shape)); }));
  }
}

TEST(LayerErrors, FailedForwardKeepsTheLastPass) {
  const auto layer = MakeDense(3);
  layer->Build({4});
  layer->Forward(Tensor(Shape{2, 4}));
  EXPECT_ANY_THROW(layer->Forward(Tensor(Shape{5, 5})));
  EXPECT_EQ(layer->Backward(Tensor(Shape{2, 3})).shape(), (Shape{2, 4}));
}

struct BadInput {
  const char* type;
  Config config;
  Shape shape;
  std::vector<std::string> parts;
};

TEST(LayerErrors, ShapesThatDoNotFit) {
  const Config dense = MakeConfig({{"outputSize", 2.0}});
  const Config kernel5 =
      MakeConfig({{"outputDepth", 2.0}, {"kernelSize", 5.0}});
  const Config padded =
      MakeConfig({{"outputDepth", 2.0}, {"kernelSize", 7.0}, {"padding", 1.0}});
  const Config pool3 = MakeConfig({{"poolSize", 3.0}});
  for (const auto& [type, config, shape, parts] : {
           BadInput{"Dense", dense, {0}, {"0"}},
           BadInput{"Convolutional", kernel5, {1, 4, 9}, {"5", "[1, 4, 9]"}},
           BadInput{"Convolutional", kernel5, {1, 9, 4}, {"5", "[1, 9, 4]"}},
           BadInput{"Convolutional", padded, {1, 4, 4}, {"7", "padding 1"}},
           BadInput{"Convolutional", kernel5, {16}, {"[16]"}},
           BadInput{"MaxPooling2D", pool3, {1, 2, 9}, {"3", "[1, 2, 9]"}},
           BadInput{"AveragePooling2D", pool3, {1, 9, 2}, {"3", "[1, 9, 2]"}},
           BadInput{"MaxPooling2D", pool3, {9, 9}, {"[9, 9]"}},
           BadInput{"BatchNormalization",
                    {},
                    {3, 4, 4},
                    {"[3, 4, 4]", "BatchNormalization2D"}},
           BadInput{"BatchNormalization2D", {}, {3}, {"[3]"}},
           BadInput{"MaxPooling2D", {}, {0, 4, 4}, {"0"}},
       }) {
    SCOPED_TRACE(Cat(type, " ", ToText(shape)));
    const auto layer = CreateLayer(type, config);
    EXPECT_TRUE(
        Throws(ErrorKind::kShape, {type}, [&] { layer->Build(shape); }));
    for (const std::string& part : parts) {
      EXPECT_TRUE(
          Throws(ErrorKind::kShape, {part}, [&] { layer->Build(shape); }));
    }
    EXPECT_FALSE(layer->built());
  }
}

struct BadConfig {
  const char* type;
  const char* key;
  ConfigValue value;
  ErrorKind kind;
};

TEST(LayerErrors, BadConfigs) {
  const auto kValue = ErrorKind::kValue, kType = ErrorKind::kType;
  const BadConfig cases[] = {
      {"Dense", "outputSize", 0.0, kValue},
      {"Dense", "outputSize", 2.5, kValue},
      {"Dense", "outputSize", kNaN, kValue},
      {"Dense", "outputSize", Text("3"), kType},
      {"Dense", "inputSize", -1.0, kValue},
      {"Dense", "noBias", 1.0, kType},
      {"Dense", "initialization", Text("glorot"), kValue},
      {"Dense", "initialization", 1.0, kType},
      {"Dense", "outputsize", 3.0, kValue},
      {"Dense", "inputShape", List{0}, kValue},
      {"Dense", "inputShape", 4.0, kType},
      {"Convolutional", "outputDepth", 0.0, kValue},
      {"Convolutional", "kernelSize", 0.0, kValue},
      {"Convolutional", "kernelSize", 1.5, kValue},
      {"Convolutional", "stride", 0.0, kValue},
      {"Convolutional", "stride", kNaN, kValue},
      {"Convolutional", "padding", -1.0, kValue},
      {"Convolutional", "padding", 0.5, kValue},
      {"Convolutional", "padding", Text("full"), kValue},
      {"Convolutional", "padding", true, kType},
      {"MaxPooling2D", "poolSize", 0.0, kValue},
      {"MaxPooling2D", "stride", 0.0, kValue},
      {"AveragePooling2D", "poolSize", 1.5, kValue},
      {"AveragePooling2D", "padding", 2.0, kValue},
      {"AveragePooling2D", "countIncludePad", 1.0, kType},
      {"MaxPooling2D", "countIncludePad", true, kValue},
      {"MaxPooling2D", "dilation", 2.0, kValue},
      {"Dropout", "probability", -0.1, kValue},
      {"Dropout", "probability", 1.1, kValue},
      {"Dropout", "probability", kNaN, kValue},
      {"Dropout", "probability", Text("half"), kType},
      {"BatchNormalization", "momentum", 1.5, kValue},
      {"BatchNormalization", "epsilon", -1e-8, kValue},
      {"BatchNormalization2D", "momentum", kNaN, kValue},
      {"BatchNormalization2D", "epsilon", HUGE_VAL, kValue},
      {"PReLU", "alpha", kNaN, kValue},
      {"Softmax", "temperature", 0.0, kValue},
      {"Softmax", "temperature", -1.0, kValue},
      {"ReLU", "alpha", 0.1, kValue},
      {"Flatten", "axis", 1.0, kValue},
  };
  for (const BadConfig& c : cases) {
    SCOPED_TRACE(Cat(c.type, " ", c.key, " ", ConfigReader::Describe(c.value)));
    std::vector<std::string> required;
    if (std::string(c.type) == "Dense") required = {"outputSize"};
    if (std::string(c.type) == "Convolutional") {
      required = {"outputDepth", "kernelSize"};
    }
    Config config;
    for (const std::string& key : required) {
      if (key != c.key) config.Set(key, 3.0);
    }
    config.Add(c.key, c.value);
    EXPECT_TRUE(
        Throws(c.kind, {c.type, c.key}, [&] { CreateLayer(c.type, config); }));
  }
}

TEST(LayerErrors, RequiredOptionsAndUnknownTypes) {
  EXPECT_TRUE(Throws(ErrorKind::kType, {"Dense", "outputSize", "required"},
                     [] { CreateLayer("Dense", {}); }));
  EXPECT_TRUE(
      Throws(ErrorKind::kType, {"Convolutional", "kernelSize", "required"}, [] {
        CreateLayer("Convolutional", MakeConfig({{"outputDepth", 1.0}}));
      }));
  EXPECT_TRUE(
      Throws(ErrorKind::kValue, {"'Lstm'"}, [] { CreateLayer("Lstm", {}); }));
}

TEST(LayerErrors, DeclaredInputShapeStands) {
  const auto layer = CreateLayer(
      "Dense", MakeConfig({{"outputSize", 2.0}, {"inputSize", 3.0}}));
  EXPECT_EQ(layer->input_shape(), (Shape{3}));
  layer->Build({3});
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"Dense", "[3]", "[4]"},
                     [&] { layer->Build({4}); }));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"Dense", "[3]", "[5]"}, [] {
    CreateLayer("Dense", MakeConfig({{"outputSize", 2.0},
                                     {"inputSize", 3.0},
                                     {"inputShape", List{5}}}));
  }));
}

TEST(LayerBuild, AgainForTheSameShapeChangesNothing) {
  const auto layer = MakeDense(3);
  layer->Build({4});
  const Tensor weights = layer->Params()[0].value.Clone();
  layer->Build({4});
  EXPECT_TRUE(Same("weights", layer->Params()[0].value, weights));
  layer->Build({5});
  EXPECT_EQ(layer->Params()[0].value.shape(), (Shape{5, 3}));
}

TEST(LayerBuild, LayersWithoutParametersNeedNone) {
  const auto layer = CreateLayer("Flatten", {});
  EXPECT_EQ(layer->Forward(Tensor(Shape{2, 3, 4})).shape(), (Shape{2, 12}));
  EXPECT_EQ(layer->Forward(Tensor(Shape{1, 5, 1})).shape(), (Shape{1, 5}));
  EXPECT_EQ(layer->Backward(Tensor(Shape{1, 5})).shape(), (Shape{1, 5, 1}));
}

TEST(LayerParams, ShareTheMemoryOfTheLayer) {
  Uniform uniform(1);
  const auto layer = MakeDense(3);
  layer->Build({4});
  const Tensor weights = uniform.Values({4, 3}),
               biases = uniform.Values({1, 3});
  const Tensor live = layer->Params()[0].value;
  LoadParams(*layer, {{"biases", biases}, {"weights", weights}});
  EXPECT_TRUE(Same("weights", live, weights));
  EXPECT_TRUE(Same("biases", layer->Params()[1].value, biases));
}

TEST(LayerParams, SayWhetherTheyDecay) {
  const auto decaying = [](Layer& layer, const Shape& input) {
    layer.Build(input);
    std::vector<std::string> names;
    for (const Parameter& parameter : layer.Params()) {
      if (parameter.decays) names.push_back(parameter.name);
    }
    return names;
  };
  using Names = std::vector<std::string>;
  const auto convolution = CreateLayer(
      "Convolutional", MakeConfig({{"outputDepth", 2.0}, {"kernelSize", 1.0}}));
  EXPECT_EQ(decaying(*MakeDense(3), {4}), Names{"weights"});
  EXPECT_EQ(decaying(*convolution, {2, 3, 3}), Names{"kernels"});
  for (const char* type : {"BatchNormalization2D", "LayerNormalization"}) {
    const auto layer = CreateLayer(type, {});
    EXPECT_EQ(decaying(*layer, {2, 3, 3}), Names{});
    EXPECT_EQ(layer->Params().size(), 2u);
  }
  const auto block =
      MakeResidual({CreateLayer("BatchNormalization", {}), MakeDense(4)}, {});
  EXPECT_EQ(decaying(*block, {4}), Names{"layers_1_weights"});
}

TEST(LayerMemory, HandedOutTensorsAreNotOverwritten) {
  Uniform uniform(3);
  const struct {
    const char* type;
    Config config;
    Shape input;
  } cases[] = {
      {"Dense", MakeConfig({{"outputSize", 3.0}}), {2, 4}},
      {"Convolutional",
       MakeConfig({{"outputDepth", 2.0}, {"kernelSize", 2.0}}),
       {2, 1, 4, 4}},
      {"BatchNormalization", {}, {3, 4}},
      {"BatchNormalization2D", {}, {2, 3, 2, 2}},
      {"MaxPooling2D", {}, {2, 1, 4, 4}},
      {"AveragePooling2D", {}, {2, 1, 4, 4}},
      {"Dropout", {}, {5, 7}},
      {"Flatten", {}, {2, 3, 4}},
      {"ReLU", {}, {2, 5}},
      {"PReLU", {}, {2, 5}},
      {"Sigmoid", {}, {2, 5}},
      {"Tanh", {}, {2, 5}},
      {"Swish", {}, {2, 5}},
      {"Softmax", {}, {2, 5}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.type);
    const auto layer = CreateLayer(c.type, c.config);
    layer->Build(c.input.WithoutFirst());
    const Tensor output = layer->Forward(uniform.Values(c.input));
    const Tensor gradient = layer->Backward(uniform.Values(output.shape()));
    const Tensor output_before = output.Clone();
    const Tensor gradient_before = gradient.Clone();
    const Tensor other = layer->Forward(uniform.Values(c.input));
    layer->Backward(uniform.Values(output.shape()));
    EXPECT_TRUE(Same("output", output, output_before));
    EXPECT_TRUE(Same("gradient", gradient, gradient_before));
    EXPECT_FALSE(Same("output", other, output_before));
  }
}

TEST(LayerMemory, ParamsAreLive) {
  const auto layer = MakeDense(1);
  layer->Build({1});
  std::vector<Parameter> params = layer->Params();
  params[0].value.data()[0] = 3;
  params[1].value.data()[0] = 0.5f;
  Tensor x(Shape{1, 1});
  x.data()[0] = 2;
  EXPECT_EQ(layer->Forward(x).data()[0], 6.5f);
  layer->Backward(x);
  EXPECT_EQ(params[0].gradient.data()[0], 4);
}

TEST(LayerConfig, RebuildsTheLayer) {
  const struct {
    const char* type;
    Config config;
  } cases[] = {
      {"Dense", MakeConfig({{"outputSize", 3.0},
                            {"initialization", Text("he")},
                            {"noBias", true}})},
      {"Convolutional", MakeConfig({{"outputDepth", 2.0},
                                    {"kernelSize", 2.0},
                                    {"stride", 2.0},
                                    {"padding", Text("same")},
                                    {"initialization", Text("auto")},
                                    {"noBias", false}})},
      {"Convolutional", MakeConfig({{"outputDepth", 2.0},
                                    {"kernelSize", 2.0},
                                    {"stride", 1.0},
                                    {"padding", 3.0},
                                    {"initialization", Text("xavier")},
                                    {"noBias", false}})},
      {"MaxPooling2D", MakeConfig({{"poolSize", 3.0}, {"stride", 2.0}})},
      {"AveragePooling2D", MakeConfig({{"poolSize", 3.0}, {"stride", 1.0}})},
      {"Dropout", MakeConfig({{"probability", 0.3}})},
      {"BatchNormalization",
       MakeConfig({{"momentum", 0.5}, {"epsilon", 1e-3}})},
      {"BatchNormalization2D",
       MakeConfig({{"momentum", 0.5}, {"epsilon", 1e-3}})},
      {"PReLU", MakeConfig({{"alpha", 0.2}})},
      {"Softmax", MakeConfig({{"temperature", 2.0}})},
      {"Flatten", {}},
      {"ReLU", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.type);
    const Config written = CreateLayer(c.type, c.config)->GetConfig();
    EXPECT_EQ(written, c.config);
    const Config again = CreateLayer(c.type, written)->GetConfig();
    EXPECT_EQ(again, written);
  }
}

TEST(LayerConfig, DefaultsAreWritten) {
  const auto pool = CreateLayer("MaxPooling2D", {})->GetConfig();
  EXPECT_EQ(*pool.Find("poolSize"), ConfigValue(2.0));
  EXPECT_EQ(*pool.Find("stride"), ConfigValue(2.0));
  const auto norm = CreateLayer("BatchNormalization", {})->GetConfig();
  EXPECT_EQ(*norm.Find("momentum"), ConfigValue(0.9));
  EXPECT_EQ(*norm.Find("epsilon"), ConfigValue(1e-8));
  const auto declared =
      CreateLayer("ReLU", MakeConfig({{"inputShape", List{3, 4}}}));
  EXPECT_EQ(*declared->GetConfig().Find("inputShape"), ConfigValue(List{3, 4}));
}

TEST(MaxPoolingLayer, InferenceCanBeFollowedByABackwardPass) {
  Uniform uniform(8);
  const auto layer = CreateLayer("MaxPooling2D", {});
  const Tensor x = uniform.Values(Shape{2, 3, 8, 10});
  const Tensor output = layer->Forward(x, {.training = true});
  const Tensor gradient = uniform.Values(output.shape());
  const Tensor wanted = layer->Backward(gradient);
  const Tensor inferred = layer->Forward(x, {.training = false});
  EXPECT_TRUE(Same("output", inferred, output));
  EXPECT_TRUE(Same("gradient", layer->Backward(gradient), wanted));
  // Nor does that pass write into the output.
  const Tensor handed_out = layer->Forward(x, {.training = false});
  std::ranges::fill(Tensor(handed_out).values(), 7.0f);
  layer->Backward(gradient);
  EXPECT_EQ(handed_out.values()[0], 7.0f);
}

TEST(DropoutLayer, InferenceIsTheIdentity) {
  Uniform uniform(4);
  const auto layer = CreateLayer("Dropout", {});
  const Tensor x = uniform.Values({3, 8}), g = uniform.Values({3, 8});
  layer->Forward(x, {.training = true});
  EXPECT_TRUE(Same("output", layer->Forward(x, {.training = false}), x));
  // The mask of the training pass before is not used.
  EXPECT_TRUE(Same("gradient", layer->Backward(g), g));
}

TEST(DropoutLayer, ProbabilityOneGivesZeros) {
  Uniform uniform(5);
  const auto layer = CreateLayer("Dropout", MakeConfig({{"probability", 1.0}}));
  const Tensor x = uniform.Values({3, 8}), zeros(Shape{3, 8});
  EXPECT_TRUE(Same("output", layer->Forward(x, {.training = true}), zeros));
  EXPECT_TRUE(Same("gradient", layer->Backward(x), zeros));
}

TEST(DropoutLayer, SeedRewinds) {
  const auto layer = CreateLayer("Dropout", {});
  Tensor x = Uniform(6).Values({4, 16}, 1, 2);
  layer->Seed({1, 2});
  const Tensor first = layer->Forward(x), second = layer->Forward(x);
  EXPECT_FALSE(Same("second", second, first));
  layer->Seed({1, 2});
  EXPECT_TRUE(Same("rewound", layer->Forward(x), first));
  layer->Seed({1, 3});
  EXPECT_FALSE(Same("another index", layer->Forward(x), first));
  layer->Seed({2, 2});
  EXPECT_FALSE(Same("another seed", layer->Forward(x), first));
}

TEST(BatchNormalizationLayer, InferenceLeavesTheState) {
  const auto layer = CreateLayer("BatchNormalization", {});
  layer->Build({4});
  const Tensor mean = layer->State()[0].value.Clone();
  layer->Forward(Uniform(7).Values({5, 4}), {.training = false});
  EXPECT_TRUE(Same("cache_m", layer->State()[0].value, mean));
  layer->Forward(Uniform(7).Values({5, 4}), {.training = true});
  EXPECT_FALSE(Same("cache_m", layer->State()[0].value, mean));
}

}  // namespace
}  // namespace lamella::test
