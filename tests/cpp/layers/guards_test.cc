// Layers and models are as they were before a call that fails, and belong to
// one call at a time.
#include "layers/guards.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "networks.h"
#include "test_util.h"
#include "training/model.h"

namespace lamella::test {
namespace {

// The identity, which calls something on its way.
class Calling final : public Layer {
 public:
  using Act = std::function<void()>;

  explicit Calling(Act forward, Act backward = {})
      : Layer(TestEngine(), "Calling"),
        forward_(std::move(forward)),
        backward_(std::move(backward)) {}

  bool learns() const override { return true; }

 protected:
  Shape OutputShape(const Shape& input_shape) const override {
    return input_shape;
  }
  void OnForward(const ForwardArguments& /*arguments*/) override {
    if (forward_) forward_();
    output_ = input_;
  }
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& /*arguments*/) override {
    if (backward_) backward_();
    input_gradient_ = output_gradient;
  }

 private:
  Act forward_, backward_;
};

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Model Trained(Layers layers) {
  return Model(std::move(layers), CrossEntropy(), MakeOptimizer("Adam", 0.1), 5,
               Shape{6});
}

// Parameters and states, copied.
std::vector<Tensor> Contents(const Layers& layers) {
  std::vector<Tensor> contents;
  for (const auto& layer : layers) {
    for (const auto& list : {layer->Params(), layer->State()}) {
      for (const Parameter& each : list) contents.push_back(each.value.Clone());
    }
  }
  return contents;
}

void ExpectSame(const std::vector<Tensor>& got,
                const std::vector<Tensor>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_TRUE(Same(Cat("tensor ", i), got[i], wanted[i]));
  }
}

TEST(BuildGuard, LeavesTheLayersOfAModelThatCannotBeMade) {
  Layers layers = {Dense(4), Plain("BatchNormalization"), Plain("Dropout")};
  Shape shape = {6};
  for (const auto& layer : layers) {
    layer->Seed({3, 1});
    layer->Build(shape);
    shape = layer->output_shape();
    layer->Forward(Uniform(1).Values(layer->input_shape().Prepended(5)));
  }
  const auto before = Contents(layers);
  const uint64_t position = layers[2]->random()->position();
  Layers wrong = layers;
  wrong.push_back(Convolution(2));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"layer 3: Convolutional"},
                     [&] { Trained(wrong); }));
  ExpectSame(Contents(layers), before);
  EXPECT_EQ(layers[2]->random()->position(), position);
  for (const auto& layer : layers) EXPECT_FALSE(layer->in_use());
  // Nobody uses it, so that it may have another shape.
  layers[0]->Build({7});
  EXPECT_EQ(layers[0]->input_shape(), Shape{7});
}

TEST(LayersInUse, KeepTheirShapesWhileAModelLives) {
  const auto relu = Plain("ReLU");
  const auto block = MakeResidual({relu}, {});
  {
    const Model model = Trained({block, Dense(3)});
    EXPECT_TRUE(Throws(ErrorKind::kState, {"ReLU", "is part of a model"},
                       [&] { relu->Build({7}); }));
    // For the same shape it may be part of another one.
    const Model other = Trained({block, Dense(3)});
  }
  relu->Build({7});
  EXPECT_EQ(relu->output_shape(), Shape{7});
}

TEST(LayersInUse, AppearOnce) {
  const auto dense = Dense(6);
  const auto block = MakeResidual({dense}, {});
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"appears twice"}, [&] {
    Trained({dense, block, Dense(3)});
  }));
  EXPECT_FALSE(dense->in_use());
  EXPECT_FALSE(dense->collected());
}

class FailingStep : public ::testing::TestWithParam<bool> {};

TEST_P(FailingStep, MovesNothingOn) {
  const bool in_backward = GetParam();
  bool fails = false;
  const auto fail = [&] {
    if (fails) throw Failure("a failure of the test");
  };
  const auto make = [&] {
    const auto failing = in_backward ? std::make_shared<Calling>(nullptr, fail)
                                     : std::make_shared<Calling>(fail);
    const auto block =
        MakeResidual({Plain("BatchNormalization"), Plain("Dropout")}, {});
    return Layers{
        Plain("Dropout"), Dense(6), block, Plain("BatchNormalization"),
        failing,          Dense(3)};
  };
  const Problem problem({6}, 12);
  const Layers layers = make(), twins = make();
  Model model = Trained(layers), twin = Trained(twins);
  model.TrainBatch(problem.x, problem.y);
  twin.TrainBatch(problem.x, problem.y);
  const auto before = Contents(layers);
  fails = true;
  EXPECT_THROW(model.TrainBatch(problem.x, problem.y), Failure);
  ExpectSame(Contents(layers), before);
  fails = false;
  EXPECT_EQ(model.TrainBatch(problem.x, problem.y).loss,
            twin.TrainBatch(problem.x, problem.y).loss);
  ExpectSame(Contents(layers), Contents(twins));
}

INSTANTIATE_TEST_SUITE_P(Passes, FailingStep, ::testing::Bool());

TEST(BusyModel, RefusesCallsFromWithin) {
  const Problem problem({6}, 12);
  const auto dense = Dense(3);
  Model* model = nullptr;
  Model* other = nullptr;
  std::function<void()> act;
  const auto calling = std::make_shared<Calling>([&] {
    if (act) act();
  });
  Model made = Trained({dense, calling}), sharing = Trained({dense});
  model = &made;
  other = &sharing;
  const auto refused = [&](std::function<void()> call) {
    act = std::move(call);
    EXPECT_TRUE(Throws(ErrorKind::kState, {"Dense", "is in use by a call"},
                       [&] { model->Predict(problem.x, 12); }));
    EXPECT_TRUE(Throws(ErrorKind::kState, {"Dense", "is in use by a call"},
                       [&] { model->TrainBatch(problem.x, problem.y); }));
  };
  const auto before = Contents({dense});
  for (Model** each : {&model, &other}) {
    refused([&] { (*each)->Predict(problem.x, 12); });
    refused([&] { (*each)->EvaluateRows(problem.x, problem.y, 0, 12); });
    refused([&] { (*each)->TrainBatch(problem.x, problem.y); });
  }
  ExpectSame(Contents({dense}), before);
  act = nullptr;
  EXPECT_FALSE(dense->busy());
  EXPECT_EQ(made.Predict(problem.x, 12).shape(), (Shape{12, 3}));
  EXPECT_EQ(sharing.Predict(problem.x, 12).shape(), (Shape{12, 3}));
}

TEST(BusyModel, IsFreeWhenItsCallsAreAbandoned) {
  const auto layer = Dense(3);
  layer->set_busy(true);
  EXPECT_TRUE(layer->busy());
  TestEngine().AbandonCalls();
  EXPECT_FALSE(layer->busy());
}

TEST(BatchNormalizationLayer, TrainsOnMoreThanOneValueAChannel) {
  Model model = Trained({Plain("BatchNormalization"), Dense(3)});
  const Problem problem({6}, 1);
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"BatchNormalization"},
                     [&] { model.TrainBatch(problem.x, problem.y); }));
  EXPECT_EQ(model.Predict(problem.x, 1).shape(), (Shape{1, 3}));
}

}  // namespace
}  // namespace lamella::test
