// A plan does what its layers do one after the other.
#include "layers/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
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
      {Convolution(8), Plain("BatchNormalization2D"), relu(), Convolution(3),
       Plain("BatchNormalization2D"), Plain("Flatten"), Dense(4),
       Plain("BatchNormalization"), relu()},
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

// The passes of a plan with one output.
Tensor Forward(const Plan& plan, const Tensor& input, bool training) {
  Tensor output;
  plan.Forward(input, training, {&output, 1});
  return output;
}

Tensor Backward(Plan& plan, const Tensor& output_gradient,
                bool want_input_gradient) {
  return plan.Backward({&output_gradient, 1}, want_input_gradient);
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
    Plan plan(chains[c]);
    for (size_t round = 0; round < 3; ++round) {
      SCOPED_TRACE(Cat("chain ", c, ", round ", round));
      const Tensor x = uniform.Values(sample.Prepended(3));
      Tensor y = x;
      for (const auto& layer : single[c]) y = layer->Forward(y);
      EXPECT_TRUE(Same("output", Forward(plan, x, true), y));

      const Tensor output_gradient = uniform.Values(y.shape());
      Tensor gradient = output_gradient;
      for (size_t i = single[c].size(); i-- > 0;) {
        gradient = single[c][i]->Backward(gradient);
      }
      EXPECT_TRUE(Same("input gradient", Backward(plan, output_gradient, true),
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
  const Tensor rectified = Forward(plan, x, false);
  const Tensor plain = chain[0]->Forward(x, {.training = false});
  EXPECT_FALSE(Same("output", plain, rectified));
  EXPECT_TRUE(Same("output", chain[1]->Forward(plain), rectified));
}

TEST(Plan, LeavesOutTheFrontThatLearnsNothing) {
  const Shape sample = {2, 13, 13};
  const Layers chain = {Plain("ReLU"),    Convolution(8), Plain("ReLU"),
                        Plain("Flatten"), Dense(6),       Dense(2)};
  Build(chain, sample);
  Plan plan(chain);
  chain[1]->set_trainable(false);
  const Tensor x = Uniform(4).Values(sample.Prepended(2));
  const Tensor y = Forward(plan, x, true);
  const Tensor gradient = Uniform(5).Values(y.shape());
  const auto frozen = [&] { return chain[1]->Params()[0].gradient; };
  const auto learning = [&] { return chain[4]->Params()[0].gradient; };
  const Tensor before = frozen().Clone();
  Backward(plan, gradient, false);
  const Tensor left_out = learning().Clone();
  EXPECT_TRUE(Same("frozen", frozen(), before));
  Backward(plan, gradient, true);
  EXPECT_FALSE(Same("frozen", frozen(), before));
  EXPECT_TRUE(Same("learning", left_out, learning()));
}

// Writes other numbers than ones and zeros.
void RandomizeBatchNorms(const Layers& layers) {
  Uniform uniform(7);
  for (const auto& layer : layers) {
    if (!layer->Describe().is_batch_norm) continue;
    for (const Parameter& each : layer->Params()) {
      for (float& value : Tensor(each.value).values()) value = uniform(0.5f, 2);
    }
    for (const Parameter& each : layer->State()) {
      for (float& value : Tensor(each.value).values()) value = uniform(0.5f, 2);
    }
  }
}

TEST(Plan, FoldsBatchNormalizationInInference) {
  // Of 5 x 5 images the kernels of the second are more than its outputs, so
  // that these are normalized; the others' kernels are.
  const auto batch_norm = [] { return Plain("BatchNormalization2D"); };
  const auto chain = [&] {
    return Layers{Convolution(8),  batch_norm(),  Plain("ReLU"),
                  Convolution(40), batch_norm(),  Strided(2, 4),
                  batch_norm(),    Plain("ReLU"), batch_norm()};
  };
  for (const Shape& sample : {Shape{3, 13, 13}, Shape{3, 5, 5}}) {
    const Layers planned = chain(), single = chain();
    Build(planned, sample);
    Build(single, sample);
    RandomizeBatchNorms(planned);
    RandomizeBatchNorms(single);
    const Plan plan(planned);
    const Tensor x = Uniform(9).Values(sample.Prepended(2));
    Tensor wanted = x;
    for (const auto& layer : single) {
      wanted = layer->Forward(wanted, {.training = false});
    }
    EXPECT_TRUE(Close("output", Forward(plan, x, false), wanted, 1e-4));
    // The layer whose work was done has the output, and nothing to go back by.
    EXPECT_TRUE(Same("output", planned[1]->output(), planned[0]->output()));
    EXPECT_THROW(planned[1]->Backward(planned[1]->output()), Error);
    // Training does not fold: each layer has what its backward pass takes.
    Forward(plan, x, true);
    EXPECT_FALSE(Same("output", planned[1]->output(), planned[0]->output()));
    planned[1]->Backward(planned[1]->output());
  }
}

TEST(Plan, LeavesNoBackwardPassOverAFoldedOneThatFailed) {
  const auto batch_norm = Plain("BatchNormalization2D");
  batch_norm->Build({2, 3, 3});
  const Tensor x = Uniform(5).Values(Shape{4, 2, 3, 3});
  batch_norm->Forward(x);
  batch_norm->Backward(x);
  // As of a convolution that throws before the output is adopted.
  batch_norm->Normalization();
  EXPECT_TRUE(Throws(ErrorKind::kState, {"backward()", "forward()"},
                     [&] { batch_norm->Backward(x); }));
}

TEST(Plan, SumsTheGradientsOfAValueThatSeveralTake) {
  // x -> a -> b and x -> a -> c: outputs are a's ReLU, b, c and x itself.
  const Layers layers = {Convolution(4), Plain("ReLU"), Convolution(3),
                         Convolution(2)};
  const Layers single = {Convolution(4), Plain("ReLU"), Convolution(3),
                         Convolution(2)};
  const Shape sample = {2, 7, 7};
  uint32_t index = 0;
  for (size_t i = 0; i < layers.size(); ++i, ++index) {
    for (const auto& layer : {layers[i], single[i]}) {
      layer->Seed({3, index});
      layer->Build(i == 0 ? sample : Shape{4, 7, 7});
    }
  }
  const Layer::Chain chain = layers;
  Plan plan;
  Plan::Value& rectified = plan.Append(chain.first(2), plan.input());
  plan.AddOutput(rectified);
  plan.AddOutput(plan.Append(chain.subspan(2, 1), rectified));
  plan.AddOutput(plan.Append(chain.subspan(3, 1), rectified));
  plan.AddOutput(plan.input());
  plan.Decide();
  Uniform uniform(11);
  for (size_t round = 0; round < 2; ++round) {
    const Tensor x = uniform.Values(sample.Prepended(3));
    Tensor got[4];
    plan.Forward(x, true, got);
    const Tensor a = single[1]->Forward(single[0]->Forward(x));
    const Tensor wanted[] = {a, single[2]->Forward(a), single[3]->Forward(a),
                             x};
    std::vector<Tensor> gradients;
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_TRUE(Same(Cat("output ", i), got[i], wanted[i]));
      gradients.push_back(uniform.Values(wanted[i].shape()));
    }
    Tensor sum = gradients[0].Clone();
    for (size_t i : {1, 2}) {
      const Tensor& part = single[i + 1]->Backward(gradients[i]);
      for (size_t j = 0; j < sum.size(); ++j) sum.data()[j] += part.data()[j];
    }
    Tensor input_gradient =
        single[0]->Backward(single[1]->Backward(sum)).Clone();
    for (size_t j = 0; j < input_gradient.size(); ++j) {
      input_gradient.data()[j] += gradients[3].data()[j];
    }
    const Tensor got_gradient = plan.Backward(gradients, true);
    EXPECT_TRUE(Close("input gradient", got_gradient, input_gradient, 1e-5));
    EXPECT_TRUE(Close("kernels", layers[0]->Params()[0].gradient,
                      single[0]->Params()[0].gradient, 1e-4));
  }
}

TEST(Plan, LeavesAnOutputBeforeAReluAsItIs) {
  const Layers layers = {Convolution(4), Plain("ReLU"), Convolution(4)};
  Build(layers, {4, 6, 6});
  const Layer::Chain chain = layers;
  Plan plan;
  Plan::Value& first = plan.Append(chain.first(1), plan.input());
  plan.AddOutput(first);
  plan.AddOutput(plan.Append(chain.subspan(1), first));
  plan.Decide();
  Tensor got[2];
  plan.Forward(Uniform(13).Values(Shape{2, 4, 6, 6}), true, got);
  EXPECT_LT(*std::ranges::min_element(got[0].values()), 0.0f);
}

}  // namespace
}  // namespace lamella::test
