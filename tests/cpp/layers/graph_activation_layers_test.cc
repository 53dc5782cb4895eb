// Activations, noise and changes of shape of `lamella/graph`: what they refuse,
// and what they are as parts of a model.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "networks.h"
#include "test_util.h"
#include "training/model.h"

namespace lamella::test {
namespace {

using List = std::vector<double>;

Config Dims(List dims) { return MakeConfig({{"dims", std::move(dims)}}); }

TEST(Elu, RefusesASlopeBelow0) {
  EXPECT_TRUE(
      Throws(ErrorKind::kValue, {"ELU", "alpha", "at least 0", "-1"}, [] {
        CreateLayer("ELU", MakeConfig({{"alpha", -1.0}}));
      }));
}

TEST(Rescaling, WantsAScale) {
  EXPECT_TRUE(Throws(ErrorKind::kType, {"Rescaling", "scale is required"},
                     [] { CreateLayer("Rescaling", {}); }));
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"Rescaling", "scale", "finite"}, [] {
    CreateLayer("Rescaling", MakeConfig({{"scale", double{NAN}}}));
  }));
  EXPECT_TRUE(
      Throws(ErrorKind::kValue, {"Rescaling", "known are: scale, off"}, [] {
        CreateLayer("Rescaling", MakeConfig({{"scale", 2.0}, {"of", 1.0}}));
      }));
}

TEST(Permute, WantsAPermutationOfTheAxes) {
  const auto make = [](List dims) { CreateLayer("Permute", Dims(dims)); };
  for (const List& wrong : {List{2}, List{1, 1}, List{1, 3}, List{3, 2, 2}}) {
    EXPECT_TRUE(Throws(ErrorKind::kValue, {"Permute", "dims", "once"},
                       [&] { make(wrong); }));
  }
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"Permute", "at most 7", "8"}, [&] {
    make({1, 2, 3, 4, 5, 6, 7, 8});
  }));
  EXPECT_TRUE(Throws(ErrorKind::kType, {"Permute", "dims is required"},
                     [] { CreateLayer("Permute", {}); }));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"Permute", "[2, 1]", "[3, 4, 5]"}, [] {
    CreateLayer("Permute", Dims({2, 1}))->Build({3, 4, 5});
  }));
}

TEST(Permute, IsUndoneByItsInverse) {
  Uniform uniform(1);
  const Tensor x = uniform.Values(Shape{2, 3, 4, 5});
  const auto there = CreateLayer("Permute", Dims({3, 1, 2}));
  const auto back = CreateLayer("Permute", Dims({2, 3, 1}));
  const Tensor y = there->Forward(x);
  EXPECT_EQ(y.shape(), (Shape{2, 5, 3, 4}));
  // y[0][4][1][2] is x[0][1][2][4].
  EXPECT_EQ(y.data()[(4 * 3 + 1) * 4 + 2], x.data()[(1 * 4 + 2) * 5 + 4]);
  EXPECT_TRUE(Same("there and back", back->Forward(y), x));
}

TEST(Repeat, TakesVectors) {
  const Config config = MakeConfig({{"n", 3.0}});
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"Repeat", "vectors", "[2, 3]"}, [&] {
    CreateLayer("Repeat", config)->Build({2, 3});
  }));
  EXPECT_TRUE(Throws(ErrorKind::kType, {"Repeat", "n is required"},
                     [] { CreateLayer("Repeat", {}); }));
  const auto layer = CreateLayer("Repeat", config);
  const Tensor x({1, 2}, std::vector<float>{4, 5});
  EXPECT_TRUE(Same("output", layer->Forward(x),
                   Tensor({1, 3, 2}, std::vector<float>{4, 5, 4, 5, 4, 5})));
}

TEST(GaussianNoise, WantsADeviation) {
  const auto make = [](double deviation) {
    CreateLayer("GaussianNoise",
                MakeConfig({{"standardDeviation", deviation}}));
  };
  EXPECT_TRUE(Throws(ErrorKind::kType, {"GaussianNoise", "is required"},
                     [] { CreateLayer("GaussianNoise", {}); }));
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"standardDeviation", "at least 0"},
                     [&] { make(-0.1); }));
}

TEST(SpatialDropout2D, DropsWholeChannels) {
  const auto layer =
      CreateLayer("SpatialDropout2D", MakeConfig({{"probability", 0.75}}));
  Tensor x({50, 20, 3, 3});
  std::ranges::fill(x.values(), 1.0f);
  const Tensor y = layer->Forward(x);
  size_t kept = 0;
  for (size_t plane = 0; plane < 1000; ++plane) {
    const float first = y.data()[9 * plane];
    EXPECT_TRUE(first == 0 || first == 4);
    for (size_t i = 1; i < 9; ++i) EXPECT_EQ(y.data()[9 * plane + i], first);
    kept += first > 0;
  }
  // Six deviations of a binomial distribution.
  EXPECT_NEAR(kept, 250, 6 * std::sqrt(1000 * 0.25 * 0.75));
  EXPECT_TRUE(Same("gradient", layer->Backward(x), y));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"SpatialDropout2D", "images"},
                     [] { CreateLayer("SpatialDropout2D", {})->Build({4}); }));
}

// All of them in a row.
Layers Chain() {
  return {
      CreateLayer("Rescaling", MakeConfig({{"scale", 0.5}})),
      CreateLayer("GaussianNoise", MakeConfig({{"standardDeviation", 0.1}})),
      Convolution(4),
      Plain("ELU"),
      CreateLayer("SpatialDropout2D", MakeConfig({{"probability", 0.2}})),
      Convolution(4),
      Plain("Mish"),
      CreateLayer("Permute", Dims({2, 3, 1})),
      Plain("Flatten"),
      Dense(6),
      Plain("SELU"),
      CreateLayer("Repeat", MakeConfig({{"n", 3.0}})),
      Dense(4),
      Plain("Softplus"),
      Plain("HardSigmoid"),
      Plain("Flatten"),
      Dense(3)};
}

const Shape kImage = {2, 6, 6};

TEST(GraphActivationLayers, TrainAndAllocateNothing) {
  const Problem problem(kImage, 48);
  Model model(Chain(), CrossEntropy(), MakeOptimizer("Adam", 0.01), 4, kImage);
  const BatchResult before = model.EvaluateRows(problem.x, problem.y, 0, 48);
  for (int step = 0; step < 3; ++step) model.TrainBatch(problem.x, problem.y);
  const size_t allocations = AllocationCount();
  for (int step = 0; step < 60; ++step) model.TrainBatch(problem.x, problem.y);
  EXPECT_EQ(AllocationCount(), allocations);
  const BatchResult after = model.EvaluateRows(problem.x, problem.y, 0, 48);
  EXPECT_LT(after.loss, 0.8 * before.loss);
}

TEST(GraphActivationLayers, DrawByTheSeedAndThePosition) {
  const Tensor x({2, 3, 4, 4});
  for (const auto& layer :
       {CreateLayer("GaussianNoise", MakeConfig({{"standardDeviation", 1.0}})),
        CreateLayer("SpatialDropout2D", {})}) {
    SCOPED_TRACE(layer->type());
    Tensor ones = x.Clone();
    std::ranges::fill(ones.values(), 1.0f);
    const auto pass = [&] { return layer->Forward(ones).Clone(); };
    layer->Seed({1, 2});
    const Tensor first = pass(), second = pass();
    EXPECT_FALSE(Same("passes", second, first));
    layer->Seed({1, 2});
    EXPECT_TRUE(Same("again", pass(), first));
    layer->SaveState();
    EXPECT_TRUE(Same("again", pass(), second));
    layer->RestoreState();
    EXPECT_TRUE(Same("restored", pass(), second));
    layer->Seed({1, 3});
    EXPECT_FALSE(Same("another layer", pass(), first));
    layer->Seed({2, 2});
    EXPECT_FALSE(Same("another seed", pass(), first));
    const uint64_t position = layer->random()->position();
    EXPECT_TRUE(
        Same("inference", layer->Forward(ones, {.training = false}), ones));
    EXPECT_EQ(layer->random()->position(), position);
  }
}

}  // namespace
}  // namespace lamella::test
