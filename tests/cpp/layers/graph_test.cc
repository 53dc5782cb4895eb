// Graphs of layers do what their layers do one after the other.
#include "layers/graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "finite_difference.h"
#include "layers/weighted_layer.h"
#include "networks.h"
#include "test_util.h"
#include "training/model.h"

namespace lamella::test {
namespace {

// Ulps of the outputs: a graph rounds in each of its layers.
constexpr double kForwardRounding = 32 * kEpsilon;

// Adds calls one by one; values are numbers, 0 the input.
class Builder {
 public:
  size_t Call(const std::shared_ptr<Layer>& layer, std::vector<size_t> inputs) {
    layers_.push_back(layer);
    calls_.push_back({layers_.size() - 1, layer, std::move(inputs)});
    return calls_.size();
  }

  // Calls the layer of an earlier value once more, by another of its kind.
  size_t CallAgain(size_t value, std::vector<size_t> inputs) {
    const size_t layer = calls_[value - 1].layer;
    calls_.push_back(
        {layer,
         CreateLayer(layers_[layer]->type(), layers_[layer]->GetConfig()),
         std::move(inputs)});
    return calls_.size();
  }

  std::shared_ptr<Graph> Make() {
    return std::make_shared<Graph>(TestEngine(), layers_, calls_);
  }

 private:
  Layers layers_;
  std::vector<GraphCall> calls_;
};

void CheckGradients(const std::shared_ptr<Layer>& graph, const Shape& input) {
  Uniform uniform(7);
  graph->Build(input.WithoutFirst());
  for (const Parameter& parameter : graph->Params()) {
    Tensor value = parameter.value;
    std::ranges::copy(uniform.Values(value.size(), -0.7f, 0.7f), value.data());
  }
  const Tensor x = uniform.Values(input);
  const Tensor upstream =
      uniform.Values(graph->output_shape().Prepended(input[0]));
  const auto f = [&] {
    graph->Seed({11, 3});
    return Dot(graph->Forward(x), kForwardRounding, upstream);
  };
  f();
  EXPECT_TRUE(IsDerivative("input", x, graph->Backward(upstream).Clone(), f));
  for (const Parameter& parameter : graph->Params()) {
    EXPECT_TRUE(
        IsDerivative(parameter.name, parameter.value, parameter.gradient, f));
  }
}

// Layers of images of 2 channels, some of them called again, merged at random.
std::shared_ptr<Graph> RandomGraph(uint64_t seed) {
  Uniform uniform(seed);
  const auto below = [&](size_t end) {
    return std::min(
        end - 1, static_cast<size_t>(uniform(0, 1) * static_cast<float>(end)));
  };
  Builder builder;
  std::vector<size_t> values = {0}, convolutions;
  const auto any = [&] { return values[below(values.size())]; };
  const auto weigh = [&](size_t value) {
    const size_t mean = builder.Call(Plain("GlobalAveragePooling2D"), {value});
    return builder.Call(
        CreateLayer("Reshape", MakeConfig({{"targetShape",
                                            std::vector<double>{2, 1, 1}}})),
        {mean});
  };
  for (int i = 0; i < 9; ++i) {
    size_t made = 0;
    switch (below(7)) {
      case 0:
        made = builder.Call(Plain("Tanh"), {any()});
        break;
      case 1:
        made = builder.Call(Plain("Add"), {any(), any(), any()});
        break;
      case 2:
        made = builder.Call(Plain("Average"), {any(), any()});
        break;
      case 3:
        made = builder.Call(Plain("Multiply"), {any(), weigh(any()), any()});
        break;
      case 4:
        made = builder.Call(Plain("Concatenate"), {any(), any()});
        made = builder.Call(Convolution(2), {made});
        break;
      case 5:
        if (!convolutions.empty()) {
          made = builder.CallAgain(convolutions[below(convolutions.size())],
                                   {any()});
          break;
        }
        [[fallthrough]];
      default:
        made = builder.Call(Convolution(2), {any()});
        convolutions.push_back(made);
    }
    values.push_back(made);
  }
  // Whatever nobody has taken is part of the output.
  builder.Call(Plain("Concatenate"),
               std::vector<size_t>(values.begin() + 1, values.end()));
  return builder.Make();
}

TEST(Graph, GradientsAgreeWithFiniteDifferences) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(Cat("seed ", seed));
    CheckGradients(RandomGraph(seed), {2, 2, 3, 4});
  }
}

TEST(Graph, MaximumSharesAmongEquals) {
  Builder builder;
  const size_t a = builder.Call(Plain("Tanh"), {0});
  const size_t b = builder.CallAgain(a, {0});
  builder.Call(Plain("Maximum"), {a, b, 0});
  const auto graph = builder.Make();
  graph->Build({3});
  const Tensor x(Shape{1, 3}, std::vector<float>{0.0f, 2.0f, -2.0f});
  const Tensor& y = graph->Forward(x);
  EXPECT_FLOAT_EQ(y.data()[1], 2.0f);
  const Tensor ones(Shape{1, 3}, std::vector<float>{1, 1, 1});
  const Tensor& gradient = graph->Backward(ones);
  EXPECT_FLOAT_EQ(gradient.data()[0], 1.0f);  // of all three, which are equal
  EXPECT_FLOAT_EQ(gradient.data()[1], 1.0f);
  EXPECT_FLOAT_EQ(gradient.data()[2], 0.0706508f);  // 1 - tanh(2)^2, twice half
}

TEST(Graph, CallsOfOneLayerHaveItsNumbers) {
  Builder builder;
  const size_t a = builder.Call(Dense(3), {0});
  const size_t b = builder.Call(Plain("Tanh"), {a});
  builder.CallAgain(a, {b});
  const auto graph = builder.Make();
  const auto one = Dense(3), two = Dense(3), tanh = Plain("Tanh");
  graph->Build({3});
  one->Build({3});
  two->Build({3});
  EXPECT_EQ(graph->Params().size(), 2u);
  Uniform uniform(3);
  for (const Parameter& parameter : graph->Params()) {
    const auto values = uniform.Values(parameter.value.size());
    for (const auto& layer : {one, two}) {
      for (Parameter& own : layer->Params()) {
        if (own.value.size() == values.size()) {
          std::ranges::copy(values, own.value.data());
        }
      }
    }
    Tensor value = parameter.value;
    std::ranges::copy(values, value.data());
  }
  const Tensor x = uniform.Values(Shape{5, 3}), g = uniform.Values(Shape{5, 3});
  const Tensor wanted = two->Forward(tanh->Forward(one->Forward(x)));
  EXPECT_TRUE(Same("output", graph->Forward(x), wanted));
  const Tensor input_gradient = one->Backward(tanh->Backward(two->Backward(g)));
  EXPECT_TRUE(Same("input gradient", graph->Backward(g), input_gradient));
  const auto params = graph->Params();
  for (size_t i = 0; i < params.size(); ++i) {
    Tensor sum = one->Params()[i].gradient.Clone();
    const Tensor other = two->Params()[i].gradient;
    for (size_t j = 0; j < sum.size(); ++j) sum.data()[j] += other.data()[j];
    EXPECT_TRUE(Close(params[i].name, params[i].gradient, sum, 1e-6));
  }
}

TEST(Graph, RunningMeansMoveOnWithEachCall) {
  Builder builder;
  const size_t a = builder.Call(Plain("BatchNormalization"), {0});
  builder.CallAgain(a, {a});
  const auto graph = builder.Make();
  graph->Build({2});
  const auto layer = Plain("BatchNormalization");
  layer->Build({2});
  const Tensor x = Uniform(1).Values(Shape{8, 2}, 1.0f, 3.0f);
  graph->Forward(x);
  layer->Forward(layer->Forward(x).Clone());
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(
        Same("state", graph->State()[i].value, layer->State()[i].value));
  }
}

TEST(Graph, FreezesTwinsWithTheirLayer) {
  Builder builder;
  const auto dense = Dense(2);
  const size_t a = builder.Call(dense, {0});
  builder.CallAgain(a, {a});
  const auto graph = builder.Make();
  graph->Build({2});
  dense->set_trainable(false);
  const Tensor x = Uniform(1).Values(Shape{4, 2});
  graph->Forward(x);
  graph->Backward(x);
  for (const Parameter& parameter : graph->Params()) {
    EXPECT_FALSE(parameter.trainable);
  }
}

TEST(Graph, TwinsLoseAndGetBiasesWithTheirLayer) {
  Builder builder;
  const auto dense = Dense(3);
  const size_t a = builder.Call(dense, {0});
  builder.CallAgain(a, {a});
  const auto graph = builder.Make();
  graph->Build({3});
  const Tensor x = Uniform(1).Values(Shape{4, 3});
  for (const bool no_bias : {true, false, true, false}) {
    dense->AsWeighted()->InitWeights(Initialization::kXavier, no_bias);
    const Tensor wanted = dense->Forward(dense->Forward(x).Clone()).Clone();
    EXPECT_TRUE(Same("output", graph->Forward(x), wanted));
    graph->Backward(x);
    EXPECT_EQ(graph->Params().size(), no_bias ? 1u : 2u);
  }
}

TEST(Graph, ModelsTrainOnIt) {
  Builder builder;
  const size_t a = builder.Call(Dense(8), {0});
  const size_t b = builder.Call(Plain("ReLU"), {a});
  const size_t c = builder.Call(Dense(8), {b});
  const size_t d = builder.Call(Plain("Add"), {c, b});
  builder.Call(Dense(3), {d});
  const Problem problem({6}, 48);
  Model model({builder.Make()}, CrossEntropy(), MakeOptimizer("Adam", 0.05), 1,
              Shape{6});
  const double before = model.TrainBatch(problem.x, problem.y).loss;
  for (int i = 0; i < 30; ++i) model.TrainBatch(problem.x, problem.y);
  EXPECT_LT(model.TrainBatch(problem.x, problem.y).loss, before / 2);

  const size_t allocations = AllocationCount();
  for (int i = 0; i < 3; ++i) model.TrainBatch(problem.x, problem.y);
  EXPECT_EQ(AllocationCount(), allocations);
}

TEST(Graph, MergingLayersOfAModelKeepTheirInputs) {
  const auto add = Plain("Add");
  const auto model_of = [&](size_t inputs) {
    Builder builder;
    std::vector<size_t> values;
    for (size_t i = 0; i < inputs; ++i) {
      values.push_back(builder.Call(Plain("Tanh"), {0}));
    }
    builder.Call(add, values);
    return std::make_unique<Model>(Layers{builder.Make()}, nullptr, nullptr, 1,
                                   Shape{2});
  };
  const auto three = model_of(3);
  const Tensor x = Uniform(1).Values(Shape{4, 2});
  const Tensor before = three->Predict(x, 4).Clone();
  for (size_t inputs : {2u, 4u}) {
    EXPECT_TRUE(Throws(ErrorKind::kState,
                       {"Add", "is part of a model, in which it takes 3"},
                       [&] { model_of(inputs); }));
    EXPECT_TRUE(Same("predictions", three->Predict(x, 4), before));
  }
  EXPECT_TRUE(Same("a second model", model_of(3)->Predict(x, 4), before));
  EXPECT_TRUE(Throws(ErrorKind::kState, {"Add", "in a graph"},
                     [&] { add->Forward(x); }));
}

TEST(Graph, SaysWhichShapesDoNotMeet) {
  Builder builder;
  const size_t a = builder.Call(Dense(4), {0});
  builder.CallAgain(a, {a});
  EXPECT_TRUE(Throws(ErrorKind::kShape,
                     {"Dense is called for inputs of [3] and of [4]"},
                     [&] { builder.Make()->Build({3}); }));
  Builder sum;
  const size_t b = sum.Call(Dense(4), {0});
  sum.Call(Plain("Add"), {b, 0});
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"layer 1", "Add", "[4] and [3]"},
                     [&] { sum.Make()->Build({3}); }));
}

}  // namespace
}  // namespace lamella::test
