// What the layers over images of lamella/graph have in common: no allocation in
// steady state, the same bits on any number of threads, errors by name.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "layers/registry.h"
#include "test_util.h"

namespace lamella::test {
namespace {

struct Case {
  std::string type;
  Config config;
};

std::vector<Case> Cases() {
  const std::string bilinear = "bilinear", same = "same";
  return {
      {"ZeroPadding2D", MakeConfig({{"padding", Sides{1, 0, 2, 3}}})},
      {"Cropping2D", MakeConfig({{"cropping", Sides{1, 0, 2, 3}}})},
      {"UpSampling2D", {}},
      {"UpSampling2D",
       MakeConfig({{"size", 3.0}, {"interpolation", bilinear}})},
      {"Resizing", MakeConfig({{"height", 31.0}, {"width", 70.0}})},
      {"DepthwiseConv2D",
       MakeConfig({{"kernelSize", 3.0}, {"depthMultiplier", 2.0}})},
      {"SeparableConv2D",
       MakeConfig({{"outputDepth", 9.0}, {"kernelSize", 3.0}})},
      {"Conv2DTranspose", MakeConfig({{"outputDepth", 5.0},
                                      {"kernelSize", 3.0},
                                      {"stride", 2.0},
                                      {"padding", same}})},
      {"Conv2DTranspose",
       MakeConfig({{"outputDepth", 5.0}, {"kernelSize", 3.0}})},
  };
}

const Shape kImages = {6, 20, 42};

#if LAMELLA_THREADS
// Output and gradients of a pass over a batch.
std::vector<Tensor> Results(Engine& engine, const Case& c) {
  const auto layer = lamella::CreateLayer(engine, c.type, c.config);
  layer->Seed({5, 1});
  layer->Build(kImages);
  Uniform uniform(3);
  const Tensor x = uniform.Values(kImages.Prepended(8));
  std::vector<Tensor> results = {layer->Forward(x).Clone()};
  const Tensor gradient = uniform.Values(results[0].shape());
  results.push_back(layer->Backward(gradient).Clone());
  for (const Parameter& parameter : layer->Params()) {
    results.push_back(parameter.gradient.Clone());
  }
  return results;
}

TEST(SpatialLayers, GiveTheSameBitsOnAnyNumberOfThreads) {
  static Engine engine;
  constexpr size_t kThreads = 3;
  for (size_t i = 1; i < kThreads; ++i) {
    std::thread([i] { engine.pool().Serve(i); }).detach();
  }
  for (const Case& c : Cases()) {
    const std::vector<Tensor> wanted = Results(TestEngine(), c);
    for (const size_t count : {size_t{2}, kThreads}) {
      engine.pool().SetThreadCount(count);
      const std::vector<Tensor> got = Results(engine, c);
      ASSERT_EQ(got.size(), wanted.size());
      for (size_t i = 0; i < got.size(); ++i) {
        EXPECT_TRUE(Same(Cat(c.type, ", tensor ", i, ", ", count, " threads"),
                         got[i], wanted[i]));
      }
    }
  }
}
#endif

TEST(SpatialLayers, AllocateNothingInSteadyState) {
  for (const Case& c : Cases()) {
    const auto layer = CreateLayer(c.type, c.config);
    layer->Build(kImages);
    Uniform uniform(4);
    const Tensor x = uniform.Values(kImages.Prepended(4));
    const Tensor less = x.Rows(0, 3);
    const Tensor gradient = uniform.Values(layer->output_shape().Prepended(4));
    const auto step = [&](const Tensor& batch) {
      layer->Forward(batch);
      layer->Backward(gradient.Rows(0, batch.shape()[0]));
    };
    step(x);
    step(less);
    const size_t before = AllocationCount();
    for (int i = 0; i < 3; ++i) {
      step(x);
      step(less);
    }
    EXPECT_EQ(AllocationCount(), before) << c.type;
  }
}

// The neighbours' work: a ReLU after the layer and one before it.
TEST(SpatialLayers, RectifyAsALayerDoes) {
  for (const Case& c : Cases()) {
    const auto layer = CreateLayer(c.type, c.config);
    if (!layer->Describe().rectifies_output) continue;
    layer->Build(kImages);
    for (const Parameter& parameter : layer->Params()) {
      Tensor value = parameter.value;
      std::ranges::copy(Uniform(7).Values(value.size()), value.data());
    }
    Uniform uniform(5);
    Tensor x = uniform.Values(kImages.Prepended(2));
    for (float& value : x.values()) value = value < 0 ? 0.0f : value;
    const Tensor plain = layer->Forward(x).Clone();
    const Tensor gradient = uniform.Values(plain.shape());
    const Tensor input_gradient = layer->Backward(gradient).Clone();
    const Tensor& rectified = layer->Forward(x, {.rectify = true});
    for (size_t i = 0; i < plain.size(); ++i) {
      ASSERT_EQ(rectified.values()[i],
                plain.values()[i] < 0 ? 0.0f : plain.values()[i]);
    }
    const Tensor& masked = layer->Backward(gradient, {.rectify = true});
    for (size_t i = 0; i < x.size(); ++i) {
      ASSERT_EQ(masked.values()[i],
                x.values()[i] > 0 ? input_gradient.values()[i] : 0.0f);
    }
  }
}

void ExpectRefused(std::string_view type, const Config& config,
                   const Shape& images,
                   std::initializer_list<std::string_view> parts) {
  const auto layer = CreateLayer(type, config);
  EXPECT_TRUE(Throws(ErrorKind::kShape, parts, [&] { layer->Build(images); }));
}

TEST(SpatialLayers, RefuseImagesThatDoNotFit) {
  ExpectRefused("Cropping2D", MakeConfig({{"cropping", Sides{2, 3, 0, 0}}}),
                {3, 5, 6}, {"Cropping2D: ", "leaves nothing", "[3, 5, 6]"});
  ExpectRefused(
      "Conv2DTranspose",
      MakeConfig({{"outputDepth", 2.0}, {"kernelSize", 3.0}, {"padding", 2.0}}),
      {3, 2, 6}, {"Conv2DTranspose: ", "leaves nothing"});
  ExpectRefused("SeparableConv2D",
                MakeConfig({{"outputDepth", 2.0}, {"kernelSize", 3.0}}),
                {3, 2, 6}, {"SeparableConv2D: ", "does not fit"});
  for (const Case& c : Cases()) ExpectRefused(c.type, c.config, {6}, {c.type});
  // Sizes that wrap around in 32 bits.
  const double huge = 2147483647;
  ExpectRefused("ZeroPadding2D", MakeConfig({{"padding", huge}}),
                {1u << 20, 1, 1}, {"too many elements"});
  ExpectRefused("UpSampling2D", MakeConfig({{"size", huge}}), {1, 32, 32},
                {"too many elements"});
  ExpectRefused("Resizing", MakeConfig({{"height", huge}, {"width", huge}}),
                {32, 1, 1}, {"too many elements"});
  ExpectRefused(
      "Conv2DTranspose",
      MakeConfig(
          {{"outputDepth", huge}, {"kernelSize", huge}, {"stride", huge}}),
      {1, 1, 1}, {"Conv2DTranspose: "});
}

}  // namespace
}  // namespace lamella::test
