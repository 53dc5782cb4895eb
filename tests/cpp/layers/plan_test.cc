// A plan does what its layers do one after the other.
#include "layers/plan.h"

#include <gtest/gtest.h>

#include <vector>

#include "networks.h"
#include "test_util.h"

namespace lamella::test {
namespace {

std::shared_ptr<Layer> Strided(double stride, double groups) {
  return CreateLayer("Convolutional", MakeConfig({{"outputDepth", 4.0},
                                                  {"kernelSize", 3.0},
                                                  {"padding", 1.0},
                                                  {"stride", stride},
                                                  {"groups", groups}}));
}

// Every layer that does the work of a ReLU, on either side of one; layers that
// leave it alone; Winograd's algorithm (8 channels of 13 x 13); a ReLU at
// either end.
std::vector<Layers> Chains() {
  const auto relu = [] { return Plain("ReLU"); };
  const auto pool = [] { return Plain("MaxPooling2D"); };
  return {
      {Convolution(8), relu(),        Convolution(8),   relu(),   pool(),
       Strided(1, 1),  relu(),        Strided(2, 1),    relu(),   Strided(1, 4),
       relu(),         Strided(1, 2), Plain("Flatten"), Dense(9), relu(),
       Dense(7),       relu(),        Plain("Tanh"),    Dense(5), relu()},
      {relu(), pool(), relu(), Plain("Flatten"), relu(), Plain("Dropout"),
       Dense(4), relu(), Plain("Swish"), relu(), relu(), Dense(3)},
      {relu(), Convolution(8), relu(), Plain("AveragePooling2D"), relu(),
       Plain("BatchNormalization2D"), relu(), Convolution(2)},
  };
}

void Build(const Layers& layers, Shape shape) {
  uint32_t index = 0;
  for (const auto& layer : layers) {
    layer->Seed({3, index++});
    layer->Build(shape);
    shape = layer->output_shape();
  }
}

void ExpectSameGradients(const Layers& got, const Layers& wanted) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto params = got[i]->Params(), others = wanted[i]->Params();
    for (size_t j = 0; j < others.size(); ++j) {
      EXPECT_TRUE(Same(Cat("layer ", i, " ", others[j].name),
                       params[j].gradient, others[j].gradient));
    }
  }
}

TEST(Plan, EqualsItsLayers) {
  const Shape sample = {2, 13, 13};
  // Several rounds, so that buffers of the one before are used again.
  const auto chains = Chains(), single = Chains();
  Uniform uniform(1);
  for (size_t c = 0; c < chains.size(); ++c) {
    Build(chains[c], sample);
    Build(single[c], sample);
    const Plan plan(chains[c]);
    for (size_t round = 0; round < 3; ++round) {
      SCOPED_TRACE(Cat("chain ", c, ", round ", round));
      const Tensor x = uniform.Values(sample.Prepended(3));
      Tensor y = x;
      for (const auto& layer : single[c]) y = layer->Forward(y);
      EXPECT_TRUE(Same("output", plan.Forward(x, true), y));

      const Tensor output_gradient = uniform.Values(y.shape());
      Tensor gradient = output_gradient;
      for (size_t i = single[c].size(); i-- > 0;) {
        gradient = single[c][i]->Backward(gradient);
      }
      EXPECT_TRUE(Same("input gradient", plan.Backward(output_gradient, true),
                       gradient));
      ExpectSameGradients(chains[c], single[c]);
    }
  }
}

TEST(Plan, PassesThroughTheReluOfItsOwnModelOnly) {
  // Called by itself, a layer that a plan has let rectify does not rectify.
  const Layers chain = {Dense(20), Plain("ReLU")};
  Build(chain, {4});
  const Plan plan(chain);
  const Tensor x = Uniform(2).Values(Shape{3, 4});
  const Tensor rectified = plan.Forward(x, false);
  const Tensor plain = chain[0]->Forward(x, {.training = false});
  EXPECT_FALSE(Same("output", plain, rectified));
  EXPECT_TRUE(Same("output", chain[1]->Forward(plain), rectified));
}

TEST(Plan, LeavesOutTheFrontThatLearnsNothing) {
  const Shape sample = {2, 13, 13};
  const Layers chain = {Plain("ReLU"),    Convolution(8), Plain("ReLU"),
                        Plain("Flatten"), Dense(6),       Dense(2)};
  Build(chain, sample);
  const Plan plan(chain);
  chain[1]->set_trainable(false);
  const Tensor x = Uniform(4).Values(sample.Prepended(2));
  const Tensor y = plan.Forward(x, true);
  const Tensor gradient = Uniform(5).Values(y.shape());
  const auto frozen = [&] { return chain[1]->Params()[0].gradient; };
  const auto learning = [&] { return chain[4]->Params()[0].gradient; };
  const Tensor before = frozen().Clone();
  plan.Backward(gradient, false);
  const Tensor left_out = learning().Clone();
  EXPECT_TRUE(Same("frozen", frozen(), before));
  plan.Backward(gradient, true);
  EXPECT_FALSE(Same("frozen", frozen(), before));
  EXPECT_TRUE(Same("learning", left_out, learning()));
}

}  // namespace
}  // namespace lamella::test
