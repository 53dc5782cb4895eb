// Every layer's gradients agree with finite differences; those of the layers
// over images of lamella/graph in spatial_gradient_test.cc.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "layers/gradient_check.h"
#include "layers/residual.h"
#include "test_util.h"

namespace lamella::test {
namespace {

using List = std::vector<double>;

Config ConvolutionConfig(double depth, double kernel, ConfigValue padding,
                         double stride, bool no_bias = false) {
  return MakeConfig({{"outputDepth", depth},
                     {"kernelSize", kernel},
                     {"padding", std::move(padding)},
                     {"stride", stride},
                     {"noBias", no_bias}});
}

Config Grouped(double depth, double kernel, double stride, double groups,
               double dilation) {
  return MakeConfig({{"outputDepth", depth},
                     {"kernelSize", kernel},
                     {"padding", std::string("same")},
                     {"stride", stride},
                     {"groups", groups},
                     {"dilation", dilation}});
}

// Another window on each axis, other zeros on each side.
Config Rectangular(double depth, List kernel, List stride, List dilation,
                   const Sides& padding, double groups = 1) {
  return MakeConfig({{"outputDepth", depth},
                     {"kernelSize", std::move(kernel)},
                     {"stride", std::move(stride)},
                     {"dilation", std::move(dilation)},
                     {"padding", padding},
                     {"groups", groups}});
}

Config RectangularPool(bool count_include_pad) {
  Config config = MakeConfig({{"poolSize", List{3, 2}},
                              {"stride", List{2, 1}},
                              {"padding", Sides{1, 2, 0, 1}}});
  if (count_include_pad) config.Set("countIncludePad", true);
  return config;
}

Config Pool(double size, double stride) {
  return MakeConfig({{"poolSize", size}, {"stride", stride}});
}

// A new layer is one more line here.
std::vector<GradientCase> Cases() {
  const std::string same = "same", valid = "valid";
  const Config dense = MakeConfig({{"outputSize", 5.0}});
  const Config bare = MakeConfig({{"outputSize", 3.0}, {"noBias", true}});
  const Config alpha = MakeConfig({{"alpha", 0.25}});
  const Config steep = MakeConfig({{"alpha", 1.5}});
  const Config half = MakeConfig({{"probability", 0.5}});
  const Config cool = MakeConfig({{"temperature", 2.0}});
  const Config reshape =
      MakeConfig({{"targetShape", std::vector<double>{2, 6}}});
  const Config epsilon = MakeConfig({{"epsilon", 1e-3}});
  const Config first = MakeConfig({{"axis", 0.0}});
  const Config last = MakeConfig({{"axis", -1.0}});
  const Config two_groups = MakeConfig({{"groups", 2.0}});
  const Config rows =
      MakeConfig({{"outputSize", 3.0}, {"noBias", true}, {"axis", 1.0}});
  return {
      {"Dense", "Dense", dense, {3, 7}},
      {"DenseNoBias", "Dense", bare, {2, 17}},
      {"DenseBatchOfOne", "Dense", dense, {1, 4}},
      {"DenseSequence", "Dense", dense, {3, 4, 2}},
      {"DenseImage", "Dense", dense, {2, 3, 4, 2}},
      {"DenseNoBiasRows", "Dense", rows, {2, 3, 4, 2}},
      {"Dropout", "Dropout", half, {4, 9}},
      {"DropoutInference", "Dropout", half, {4, 9}, Input::kUniform, false},
      {"Flatten", "Flatten", {}, {2, 3, 4, 2}},
      {"ReLU", "ReLU", {}, {3, 11}, Input::kNoKinks},
      {"ReLU6", "ReLU6", {}, {3, 11}, Input::kNoKinks},
      {"PReLU", "PReLU", alpha, {3, 11}, Input::kNoKinks},
      {"PReLUSteep", "PReLU", steep, {3, 11}, Input::kNoKinks},
      {"Sigmoid", "Sigmoid", {}, {3, 11}},
      {"Tanh", "Tanh", {}, {3, 11}},
      {"Swish", "Swish", {}, {3, 11}},
      {"HardSwish", "HardSwish", {}, {3, 11}},
      {"Softmax", "Softmax", {}, {3, 7}},
      {"SoftmaxCool", "Softmax", cool, {2, 5}},
      {"SoftmaxImage", "Softmax", {}, {2, 3, 5, 1}},
      {"SoftmaxSequence", "Softmax", {}, {2, 3, 4}},
      {"SoftmaxSteps", "Softmax", first, {2, 3, 4}},
      {"MaxPooling", "MaxPooling2D", {}, {2, 2, 4, 6}, Input::kDistinct},
      {"MaxPoolingRest", "MaxPooling2D", {}, {1, 2, 5, 5}, Input::kDistinct},
      {"MaxPoolingOverlap",
       "MaxPooling2D",
       Pool(3, 2),
       {1, 2, 7, 5},
       Input::kDistinct},
      {"AveragePooling", "AveragePooling2D", {}, {2, 3, 4, 6}},
      {"AveragePoolingOverlap", "AveragePooling2D", Pool(3, 1), {2, 2, 5, 6}},
      {"AveragePoolingGaps", "AveragePooling2D", Pool(2, 3), {1, 2, 7, 8}},
      {"ConvolutionValid",
       "Convolutional",
       ConvolutionConfig(3, 3, valid, 1),
       {2, 2, 6, 5}},
      {"ConvolutionSame",
       "Convolutional",
       ConvolutionConfig(3, 3, same, 1),
       {2, 2, 5, 7}},
      {"ConvolutionSameEven",
       "Convolutional",
       ConvolutionConfig(2, 4, same, 1),
       {1, 2, 5, 6}},
      {"ConvolutionSameStride",
       "Convolutional",
       ConvolutionConfig(3, 3, same, 2),
       {2, 2, 6, 7}},
      {"ConvolutionStride",
       "Convolutional",
       ConvolutionConfig(2, 3, 1.0, 2),
       {2, 3, 6, 6}},
      {"ConvolutionStrideRest",
       "Convolutional",
       ConvolutionConfig(2, 2, valid, 3),
       {1, 2, 7, 6}},
      {"ConvolutionWidePadding",
       "Convolutional",
       ConvolutionConfig(2, 2, 3.0, 1),
       {1, 2, 3, 4}},
      {"ConvolutionPointwise",
       "Convolutional",
       ConvolutionConfig(5, 1, valid, 1, true),
       {2, 3, 4, 4}},
      {"ConvolutionWholeImage",
       "Convolutional",
       ConvolutionConfig(4, 4, valid, 1),
       {3, 2, 4, 4}},
      {"ConvolutionGroups",
       "Convolutional",
       Grouped(6, 3, 1, 2, 1),
       {2, 4, 5, 6}},
      {"ConvolutionDepthwise",
       "Convolutional",
       Grouped(3, 3, 2, 3, 1),
       {2, 3, 6, 5}},
      {"ConvolutionDilated",
       "Convolutional",
       Grouped(3, 3, 1, 1, 2),
       {2, 2, 6, 5}},
      {"ConvolutionRectangular",
       "Convolutional",
       Rectangular(3, {1, 4}, {1, 1}, {1, 2}, {0, 0, 2, 4}),
       {2, 2, 4, 6}},
      {"ConvolutionRectangularStride",
       "Convolutional",
       Rectangular(4, {3, 2}, {2, 1}, {1, 3}, {0, 2, 3, 1}, 2),
       {2, 4, 5, 6}},
      {"ConvolutionSameUpper",
       "Convolutional",
       ConvolutionConfig(3, 3, std::string("same-upper"), 2),
       {2, 2, 6, 5}},
      {"MaxPoolingRectangular",
       "MaxPooling2D",
       RectangularPool(false),
       {2, 2, 5, 6},
       Input::kDistinct},
      {"AveragePoolingRectangular",
       "AveragePooling2D",
       RectangularPool(false),
       {2, 2, 5, 6}},
      {"AveragePoolingCountsPadding",
       "AveragePooling2D",
       RectangularPool(true),
       {2, 2, 5, 6}},
      {"LeakyReLU", "LeakyReLU", alpha, {3, 11}, Input::kNoKinks},
      {"GELU", "GELU", {}, {3, 11}},
      {"GlobalAveragePooling", "GlobalAveragePooling2D", {}, {2, 3, 4, 5}},
      {"Reshape", "Reshape", reshape, {2, 3, 4}},
      {"LayerNormalization", "LayerNormalization", epsilon, {3, 7}},
      {"LayerNormalizationImage", "LayerNormalization", epsilon, {2, 2, 3, 3}},
      {"LayerNormalizationFeatures", "LayerNormalization", last, {3, 4, 5}},
      {"LayerNormalizationChannels", "LayerNormalization", first, {2, 3, 2, 2}},
      {"BatchNormalization", "BatchNormalization", epsilon, {6, 5}},
      {"BatchNormalizationInference",
       "BatchNormalization",
       epsilon,
       {6, 5},
       Input::kUniform,
       false},
      {"BatchNormalization2D", "BatchNormalization2D", epsilon, {3, 2, 3, 3}},
      {"BatchNormalization2DInference",
       "BatchNormalization2D",
       epsilon,
       {3, 2, 3, 3},
       Input::kUniform,
       false},
      {"ELU", "ELU", alpha, {3, 11}, Input::kNoKinks},
      {"SELU", "SELU", {}, {3, 11}, Input::kNoKinks},
      {"Softplus", "Softplus", {}, {3, 11}},
      {"Mish", "Mish", {}, {3, 11}},
      {"HardSigmoid", "HardSigmoid", {}, {3, 11}},
      {"Rescaling",
       "Rescaling",
       MakeConfig({{"scale", -0.7}, {"offset", 3.0}}),
       {3, 11}},
      {"Permute",
       "Permute",
       MakeConfig({{"dims", List{3, 1, 2}}}),
       {2, 3, 4, 5}},
      {"Repeat", "Repeat", MakeConfig({{"n", 3.0}}), {2, 5}},
      {"GaussianNoise",
       "GaussianNoise",
       MakeConfig({{"standardDeviation", 0.5}}),
       {4, 9}},
      {"SpatialDropout2D", "SpatialDropout2D", half, {4, 5, 2, 3}},
      {"SpatialDropout2DInference",
       "SpatialDropout2D",
       half,
       {4, 5, 2, 3},
       Input::kUniform,
       false},
      {"GroupNormalization", "GroupNormalization", two_groups, {2, 6, 3, 3}},
      {"GroupNormalizationFeatures",
       "GroupNormalization",
       two_groups,
       {2, 5, 6}},
      {"GroupNormalizationVector", "GroupNormalization", two_groups, {3, 8}},
      {"GroupNormalizationRows",
       "GroupNormalization",
       MakeConfig({{"groups", 2.0}, {"axis", 1.0}}),
       {2, 3, 4, 2}},
      {"RMSNormalization", "RMSNormalization", epsilon, {3, 7}},
      {"RMSNormalizationImage", "RMSNormalization", epsilon, {2, 2, 3, 3}},
      {"RMSNormalizationFeatures", "RMSNormalization", last, {3, 4, 5}},
      {"RMSNormalizationChannels", "RMSNormalization", first, {2, 3, 2, 3}},
      {"Normalization", "Normalization", {}, {2, 3, 4, 2}},
      {"NormalizationFeatures", "Normalization", {}, {2, 3, 5}},
      {"ParametricReLU", "ParametricReLU", {}, {2, 3, 3, 2}, Input::kNoKinks},
      {"ParametricReLUFeatures",
       "ParametricReLU",
       {},
       {3, 2, 5},
       Input::kNoKinks},
  };
}

class Gradient : public ::testing::TestWithParam<GradientCase> {};

TEST_P(Gradient, AgreesWithFiniteDifferences) {
  const GradientCase& test_case = GetParam();
  CheckGradients(CreateLayer(test_case.type, test_case.config), test_case);
}

TEST(ResidualGradient, AgreesWithFiniteDifferences) {
  const auto convolution = [](double depth, double kernel, double stride) {
    return CreateLayer(
        "Convolutional",
        ConvolutionConfig(depth, kernel, std::string("same"), stride));
  };
  const auto smooth = [] { return CreateLayer("Tanh", {}); };
  {
    SCOPED_TRACE("the input itself as shortcut");
    CheckGradients(
        MakeResidual(Residual::Layers{convolution(2, 3, 1), smooth()},
                     Residual::Layers{}),
        {"Residual", "Residual", {}, {2, 2, 4, 3}});
  }
  {
    SCOPED_TRACE("projection, and a block inside a block");
    const auto inner = MakeResidual(
        Residual::Layers{convolution(3, 1, 1), smooth()}, Residual::Layers{});
    CheckGradients(MakeResidual(Residual::Layers{convolution(3, 3, 2), inner},
                                Residual::Layers{convolution(3, 1, 2)}),
                   {"Residual", "Residual", {}, {2, 2, 4, 3}});
  }
}

INSTANTIATE_TEST_SUITE_P(Layers, Gradient, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lamella::test
