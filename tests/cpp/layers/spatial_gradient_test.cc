// Gradients of the layers over images of lamella/graph agree with finite
// differences.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "layers/gradient_check.h"
#include "test_util.h"

namespace lamella::test {
namespace {

using List = std::vector<double>;

Config Transposed(List kernel, List stride, ConfigValue padding,
                  bool no_bias = false) {
  return MakeConfig({{"outputDepth", 3.0},
                     {"kernelSize", std::move(kernel)},
                     {"stride", std::move(stride)},
                     {"padding", std::move(padding)},
                     {"noBias", no_bias}});
}

Config Separable(double depth_multiplier, double stride, bool has_depth) {
  Config config = MakeConfig({{"kernelSize", List{3, 2}},
                              {"depthMultiplier", depth_multiplier},
                              {"stride", stride},
                              {"padding", std::string("same-upper")}});
  if (has_depth) config.Set("outputDepth", 4.0);
  return config;
}

Config Resized(double height, double width, const char* interpolation) {
  return MakeConfig({{"height", height},
                     {"width", width},
                     {"interpolation", std::string(interpolation)}});
}

Config UpSampled(List size, const char* interpolation) {
  return MakeConfig({{"size", std::move(size)},
                     {"interpolation", std::string(interpolation)}});
}

std::vector<GradientCase> Cases() {
  const std::string same = "same", valid = "valid";
  return {
      {"ZeroPadding",
       "ZeroPadding2D",
       MakeConfig({{"padding", Sides{1, 2, 0, 3}}}),
       {2, 3, 4, 5}},
      {"Cropping",
       "Cropping2D",
       MakeConfig({{"cropping", Sides{1, 2, 0, 3}}}),
       {2, 3, 5, 6}},
      {"UpSampling",
       "UpSampling2D",
       UpSampled({2, 3}, "nearest"),
       {2, 2, 3, 4}},
      {"UpSamplingBilinear",
       "UpSampling2D",
       UpSampled({3, 2}, "bilinear"),
       {2, 2, 3, 4}},
      {"UpSamplingRows",
       "UpSampling2D",
       UpSampled({2, 1}, "bilinear"),
       {2, 2, 3, 4}},
      {"Resizing", "Resizing", Resized(4, 7, "bilinear"), {2, 2, 6, 3}},
      {"ResizingNearest", "Resizing", Resized(5, 2, "nearest"), {2, 2, 3, 6}},
      {"ResizingToOne", "Resizing", Resized(1, 1, "bilinear"), {2, 2, 3, 6}},
      {"Depthwise", "DepthwiseConv2D", Separable(2, 2, false), {2, 3, 6, 5}},
      {"Separable", "SeparableConv2D", Separable(2, 1, true), {2, 3, 4, 5}},
      {"SeparableStride",
       "SeparableConv2D",
       Separable(1, 2, true),
       {2, 3, 5, 4}},
      {"TransposedSame",
       "Conv2DTranspose",
       Transposed({3, 4}, {2, 3}, same),
       {2, 2, 4, 3}},
      {"TransposedValid",
       "Conv2DTranspose",
       Transposed({2, 3}, {3, 2}, valid),
       {2, 2, 3, 4}},
      {"TransposedDense",
       "Conv2DTranspose",
       Transposed({3, 3}, {1, 1}, same, true),
       {2, 2, 4, 5}},
      {"TransposedNumbers",
       "Conv2DTranspose",
       Transposed({4, 3}, {2, 1}, Sides{1, 2, 0, 1}),
       {2, 2, 3, 4}},
  };
}

class SpatialGradient : public ::testing::TestWithParam<GradientCase> {};

TEST_P(SpatialGradient, AgreesWithFiniteDifferences) {
  const GradientCase& test_case = GetParam();
  CheckGradients(CreateLayer(test_case.type, test_case.config), test_case);
}

INSTANTIATE_TEST_SUITE_P(Layers, SpatialGradient, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lamella::test
