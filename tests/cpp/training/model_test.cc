// Training, evaluating and predicting with a model.
#include "training/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <vector>

#include "kernels/softmax.h"
#include "layers/plan.h"
#include "networks.h"
#include "test_util.h"

namespace lamella::test {
namespace {

const Shape kVector = {6};
const Shape kImage = {2, 6, 6};

Model MakeModel(Layers layers, uint64_t seed, const Shape& input,
                std::string_view optimizer = "SGD", double rate = 0.1) {
  return Model(std::move(layers), CrossEntropy(),
               MakeOptimizer(optimizer, rate), seed, input);
}

// One epoch in batches of `size`, the last one as large as what is left.
// Returns the mean loss.
double TrainEpoch(Model& model, const Problem& problem, size_t size,
                  bool shuffle = true) {
  const size_t rows = problem.x.shape()[0];
  double loss = 0;
  model.BeginEpoch(rows, shuffle);
  for (size_t first = 0; first < rows; first += size) {
    const size_t count = std::min(size, rows - first);
    loss += model.TrainRows(problem.x, problem.y, first, count).loss *
            static_cast<double>(count);
  }
  return loss / static_cast<double>(rows);
}

std::vector<Tensor> Weights(const Model& model) {
  std::vector<Tensor> weights;
  for (const auto& layer : model.layers()) {
    for (const Parameter& parameter : layer->Params()) {
      weights.push_back(parameter.value.Clone());
    }
  }
  return weights;
}

void ExpectSame(const std::vector<Tensor>& got,
                const std::vector<Tensor>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_TRUE(Same(Cat("parameter ", i), got[i], wanted[i]));
  }
}

TEST(ModelErrors, LayersThatDoNotMakeAModel) {
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"Model", "at least one layer"},
                     [] { Model(Layers{}, nullptr, nullptr, 1, Shape{3}); }));
  EXPECT_TRUE(Throws(ErrorKind::kState, {"Model", "input shape", "Dense"}, [] {
    Model(Layers{Dense(3)}, nullptr, nullptr, 1, std::nullopt);
  }));
  EXPECT_TRUE(
      Throws(ErrorKind::kShape,
             {"Model", "layer 1", "BatchNormalization", "[4, 6, 6]"}, [] {
               Model(Layers{Convolution(4), Plain("BatchNormalization")},
                     nullptr, nullptr, 1, kImage);
             }));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"layer 1", "Dense", "[5]", "[4]"}, [] {
    Model(Layers{Dense(4),
                 CreateLayer("Dense", MakeConfig({{"outputSize", 2.0},
                                                  {"inputSize", 5.0}}))},
          nullptr, nullptr, 1, Shape{3});
  }));
}

TEST(ModelErrors, DataThatDoNotFit) {
  Model model = MakeModel(Mlp(), 1, kVector);
  const Tensor x(Shape{4, 6}), y(Shape{4, 3});
  const auto expect = [](std::initializer_list<std::string_view> parts,
                         const std::function<void()>& call) {
    EXPECT_TRUE(Throws(ErrorKind::kShape, parts, call));
  };
  expect({"x", "[6]", "[4, 5]"}, [&] {
    model.TrainBatch(Tensor(Shape{4, 5}), y);
  });
  expect({"y", "[3]", "[4, 2]"}, [&] {
    model.TrainBatch(x, Tensor(Shape{4, 2}));
  });
  expect({"4 samples", "5"}, [&] { model.TrainBatch(x, Tensor(Shape{5, 3})); });
  expect({"x", "[0, 6]"}, [&] { model.Predict(Tensor(Shape{0, 6}), 4); });
  expect({"x", "[6]"}, [&] { model.Predict(Tensor(Shape{6}), 4); });
  expect({"x", "[]"}, [&] { model.Predict(Tensor(Shape()), 4); });
  expect({"y", "[4, 2]"}, [&] {
    model.EvaluateRows(x, Tensor(Shape{4, 2}), 0, 4);
  });
}

TEST(ModelErrors, RowsOutsideTheEpoch) {
  Model model = MakeModel(Mlp(), 1, kVector);
  const Problem problem(kVector, 9);
  const auto expect = [&](size_t first, size_t count) {
    EXPECT_TRUE(Throws(ErrorKind::kState, {"Model.train", "samples"}, [&] {
      model.TrainRows(problem.x, problem.y, first, count);
    }));
  };
  expect(0, 1);  // No epoch has begun.
  model.BeginEpoch(9, true);
  expect(0, 10);
  expect(9, 1);
  expect(10, 1);
  expect(3, SIZE_MAX);
  expect(0, 0);
  model.BeginEpoch(10, true);
  expect(0, 1);
}

TEST(ModelErrors, LossAndOptimizerAreNeededToTrain) {
  const Tensor x(Shape{2, 6}), y(Shape{2, 3});
  Model without_loss(Mlp(), nullptr, nullptr, 1, kVector);
  EXPECT_TRUE(Throws(ErrorKind::kState, {"Model", "loss"},
                     [&] { without_loss.TrainBatch(x, y); }));
  EXPECT_TRUE(Throws(ErrorKind::kState, {"Model", "loss"},
                     [&] { without_loss.EvaluateRows(x, y, 0, 2); }));
  EXPECT_EQ(without_loss.Predict(x, 2).shape(), (Shape{2, 3}));
  Model without_optimizer(Mlp(), CrossEntropy(), nullptr, 1, kVector);
  EXPECT_TRUE(Throws(ErrorKind::kState, {"Model", "optimizer"},
                     [&] { without_optimizer.TrainBatch(x, y); }));
}

TEST(ModelErrors, AnOptimizerServesOneModel) {
  const auto optimizer = MakeOptimizer("Adam", 0.01);
  const Problem problem(kVector, 6);
  Model first(Mlp(), CrossEntropy(), optimizer, 1, kVector);
  first.TrainBatch(problem.x, problem.y);
  Model second(Layers{Dense(3)}, CrossEntropy(), optimizer, 1, kVector);
  EXPECT_TRUE(Throws(ErrorKind::kState, {"Adam", "parameters"},
                     [&] { second.TrainBatch(problem.x, problem.y); }));
}

class Training : public ::testing::TestWithParam<const char*> {};

TEST_P(Training, LossFalls) {
  const double rate = std::string(GetParam()) == "SGD" ? 0.1 : 0.01;
  struct {
    const char* name;
    Layers layers;
    Shape input;
  } networks[] = {{"mlp", Mlp(), kVector}, {"cnn", Cnn(), kImage}};
  for (auto& network : networks) {
    SCOPED_TRACE(network.name);
    Model model = MakeModel(std::move(network.layers), 4, network.input,
                            GetParam(), rate);
    const Problem problem(network.input, 90);
    const BatchResult before = model.EvaluateRows(problem.x, problem.y, 0, 32);
    for (int epoch = 0; epoch < 30; ++epoch) TrainEpoch(model, problem, 16);
    const BatchResult after = model.EvaluateRows(problem.x, problem.y, 0, 32);
    EXPECT_LT(after.loss, before.loss / 3);
    EXPECT_GT(after.accuracy, 0.9);
    EXPECT_LT(before.accuracy, 0.7);
  }
}

INSTANTIATE_TEST_SUITE_P(Optimizers, Training,
                         ::testing::Values("SGD", "RMSprop", "Adam", "AdamW"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

TEST(ModelSeed, DecidesWeightsAndTraining) {
  const Problem problem(kImage, 20);
  const auto train = [&](uint64_t seed) {
    Model model = MakeModel(Cnn(), seed, kImage);
    const std::vector<Tensor> initial = Weights(model);
    for (int epoch = 0; epoch < 3; ++epoch) TrainEpoch(model, problem, 8);
    return std::pair(initial, Weights(model));
  };
  const auto first = train(5), again = train(5), other = train(6);
  ExpectSame(again.first, first.first);
  ExpectSame(again.second, first.second);
  EXPECT_FALSE(Same("weights", other.first[0], first.first[0]));
}

TEST(ModelSeed, LayersOfOneModelDiffer) {
  Model model = MakeModel({Dense(6), Plain("Tanh"), Dense(6)}, 5, kVector);
  EXPECT_FALSE(Same("weights", model.layers()[2]->Params()[0].value,
                    model.layers()[0]->Params()[0].value));
}

TEST(ModelEpoch, ShufflesAnewAndOnlyWhenAsked) {
  const Problem problem(kVector, 12);
  // With a rate of 0 the loss of a batch tells which rows are in it.
  const auto losses = [&](Model& model, bool shuffle) {
    std::vector<double> result;
    model.BeginEpoch(12, shuffle);
    for (size_t first = 0; first < 12; ++first) {
      result.push_back(model.TrainRows(problem.x, problem.y, first, 1).loss);
    }
    return result;
  };
  Model model = MakeModel(Mlp(), 5, kVector, "SGD", 0.0);
  const auto plain = losses(model, false);
  auto first = losses(model, true), second = losses(model, true);
  EXPECT_EQ(losses(model, false), plain);
  EXPECT_NE(first, plain);
  EXPECT_NE(second, first);
  EXPECT_EQ(model.progress().epochs, 4u);
  // The same rows in another order.
  auto sorted = plain;
  for (auto* each : {&first, &second, &sorted}) std::ranges::sort(*each);
  EXPECT_EQ(first, sorted);
  EXPECT_EQ(second, sorted);
}

TEST(ModelEpoch, BatchesGatheredByTheOrderTrainTheSame) {
  const Problem problem(kVector, 10);
  Model model = MakeModel(Mlp(), 5, kVector);
  Model twin = MakeModel(Mlp(), 5, kVector);
  const auto gather = [](const Tensor& data, std::span<const uint32_t> rows) {
    Tensor batch(data.shape().WithoutFirst().Prepended(rows.size()));
    float* to = batch.data();
    for (const uint32_t row : rows) {
      to = std::ranges::copy(data.Rows(row, 1).values(), to).out;
    }
    return batch;
  };
  const auto step = [&](Model& gathered, size_t count) {
    const size_t first = gathered.progress().position;
    const auto rows = std::span(gathered.Order()).subspan(first, count);
    return gathered.TrainNext(gather(problem.x, rows), gather(problem.y, rows));
  };
  for (int epoch = 0; epoch < 2; ++epoch) {
    model.BeginEpoch(10, epoch == 0);
    twin.BeginEpoch(10, epoch == 0);
    for (size_t first = 0; first < 10; first += 4) {
      const size_t count = std::min<size_t>(4, 10 - first);
      const BatchResult wanted =
          model.TrainRows(problem.x, problem.y, first, count);
      // Of an epoch that goes on, as after a checkpoint, the order is drawn.
      if (first == 4) twin.RestoreProgress(twin.progress());
      EXPECT_EQ(step(twin, count).loss, wanted.loss);
      EXPECT_EQ(twin.progress().position, model.progress().position);
    }
  }
  ExpectSame(Weights(twin), Weights(model));
  // None is left, and nothing is trained on.
  EXPECT_TRUE(Throws(ErrorKind::kState, {"Model.train", "samples"},
                     [&] { twin.TrainNext(problem.x, problem.y); }));
  ExpectSame(Weights(twin), Weights(model));
}

TEST(ModelEpoch, IncompleteLastBatchIsUsed) {
  const Problem problem(kVector, 10);
  Model model = MakeModel(Mlp(), 5, kVector);
  const std::vector<Tensor> before = Weights(model);
  model.BeginEpoch(10, false);
  model.TrainRows(problem.x, problem.y, 8, 2);
  EXPECT_FALSE(Same("weights", Weights(model)[0], before[0]));
  // It is the batch of the last two rows.
  Model twin = MakeModel(Mlp(), 5, kVector);
  const Shape x_shape = {2, 6}, y_shape = {2, 3};
  twin.TrainBatch(Tensor(x_shape, problem.x.values().subspan(8 * 6)),
                  Tensor(y_shape, problem.y.values().subspan(8 * 3)));
  ExpectSame(Weights(model), Weights(twin));
}

TEST(ModelEvaluate, DoesNotDependOnTheBatchSize) {
  const Problem problem(kImage, 11);
  Model model = MakeModel(Cnn(), 5, kImage);
  TrainEpoch(model, problem, 4);
  const std::vector<Tensor> before = Weights(model);
  const BatchResult whole = model.EvaluateRows(problem.x, problem.y, 0, 11);
  const Tensor predictions = model.Predict(problem.x, 11);
  for (size_t size : {1, 3, 4, 100}) {
    SCOPED_TRACE(size);
    BatchResult parts = {0, 0};
    for (size_t first = 0; first < 11; first += size) {
      const size_t count = std::min<size_t>(size, 11 - first);
      const BatchResult part =
          model.EvaluateRows(problem.x, problem.y, first, count);
      parts.loss += part.loss * static_cast<double>(count) / 11;
      parts.accuracy += part.accuracy * static_cast<double>(count) / 11;
    }
    // A mean of float64 means; samples do not affect each other.
    EXPECT_NEAR(parts.loss, whole.loss, 1e-12 * whole.loss);
    EXPECT_NEAR(parts.accuracy, whole.accuracy, 1e-12);
    EXPECT_TRUE(
        Same("predictions", model.Predict(problem.x, size), predictions));
  }
  ExpectSame(Weights(model), before);
}

TEST(ModelPredict, AppliesTheLossActivation) {
  const Problem problem(kVector, 7);
  // With and without an explicit Softmax, and the logits.
  Layers with_softmax = Mlp();
  with_softmax.push_back(Plain("Softmax"));
  Model folded = MakeModel(std::move(with_softmax), 5, kVector);
  Model implied = MakeModel(Mlp(), 5, kVector);
  Model logits(Mlp(), nullptr, nullptr, 5, kVector);
  const Tensor raw = logits.Predict(problem.x, 7);
  Tensor wanted(raw.shape());
  SoftmaxForward(Pool(), raw.data(), 7, 3, 1, 1.0f, wanted.data());
  EXPECT_TRUE(Same("folded", folded.Predict(problem.x, 7), wanted));
  EXPECT_TRUE(Same("implied", implied.Predict(problem.x, 7), wanted));
  // Training is the same too: the Softmax is not applied twice.
  EXPECT_EQ(folded.TrainBatch(problem.x, problem.y).loss,
            implied.TrainBatch(problem.x, problem.y).loss);
  ExpectSame(Weights(folded), Weights(implied));
}

TEST(ModelPredict, TemperaturesMustAgree) {
  const auto warm = [] {
    return CreateLayer("Softmax", MakeConfig({{"temperature", 2.0}}));
  };
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"temperature", "2", "1"}, [&] {
    Model(Layers{Dense(3), warm()}, CrossEntropy(), nullptr, 1, kVector);
  }));
  Model model(
      Layers{Dense(3), warm()},
      CreateLoss("CategoricalCrossEntropy", MakeConfig({{"temperature", 2.0}})),
      nullptr, 1, kVector);
  Model plain(Layers{Dense(3), warm()}, nullptr, nullptr, 1, kVector);
  const Problem problem(kVector, 4);
  EXPECT_TRUE(Same("predictions", model.Predict(problem.x, 4),
                   plain.Predict(problem.x, 4)));
}

TEST(ModelPredict, MSELeavesASoftmaxInPlace) {
  const Problem problem(kVector, 4);
  Model model(Layers{Dense(3), Plain("Softmax")}, CreateLoss("MSE", {}),
              MakeOptimizer("SGD", 0.5), 1, kVector);
  Tensor before = model.Predict(problem.x, 4);
  for (size_t n = 0; n < 4; ++n) {
    const auto row = before.values().subspan(3 * n, 3);
    EXPECT_NEAR(row[0] + row[1] + row[2], 1, 3 * kEpsilon);
  }
  const double loss = model.TrainBatch(problem.x, problem.y).loss;
  EXPECT_LT(model.TrainBatch(problem.x, problem.y).loss, loss);
}

TEST(ModelSparseLabels, TrainAsOneHot) {
  const Problem problem(kVector, 12);
  Tensor labels(Shape{12});
  for (size_t n = 0; n < 12; ++n) {
    labels.data()[n] = static_cast<float>(n % 3);
  }
  Model dense = MakeModel(Mlp(), 5, kVector);
  Model sparse(Mlp(), CreateLoss("SparseCategoricalCrossEntropy", {}),
               MakeOptimizer("SGD", 0.1), 5, kVector);
  dense.BeginEpoch(12, true);
  sparse.BeginEpoch(12, true);
  const BatchResult wanted = dense.TrainRows(problem.x, problem.y, 0, 8);
  const BatchResult got = sparse.TrainRows(problem.x, labels, 0, 8);
  EXPECT_EQ(got.loss, wanted.loss);
  EXPECT_EQ(got.accuracy, wanted.accuracy);
  ExpectSame(Weights(sparse), Weights(dense));
  EXPECT_EQ(sparse.EvaluateRows(problem.x, labels, 0, 5).loss,
            dense.EvaluateRows(problem.x, problem.y, 0, 5).loss);
}

TEST(ModelSparseLabels, WrongOnesChangeNothing) {
  const Problem problem(kImage, 4);
  Model model(Cnn(), CreateLoss("SparseCategoricalCrossEntropy", {}),
              MakeOptimizer("SGD", 0.1), 5, kImage);
  const auto state = [&] { return model.layers()[1]->State()[0].value; };
  const Tensor before = state().Clone();
  const std::vector<float> labels = {0, 1, 2, 3};
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"labels", "0 to 2", "3"}, [&] {
    model.TrainBatch(problem.x, Tensor(Shape{4}, labels));
  }));
  EXPECT_TRUE(Same("running mean", state(), before));
}

TEST(ModelClassWeights, MultiplyTheLossInTrainingOnly) {
  const Problem problem(kVector, 9);
  const std::vector<double> weights = {2, 2, 2};
  Model model = MakeModel(Mlp(), 5, kVector, "SGD", 0.0);
  const double plain = model.TrainBatch(problem.x, problem.y).loss;
  model.SetClassWeights(weights);
  EXPECT_NEAR(model.TrainBatch(problem.x, problem.y).loss, 2 * plain,
              1e-12 * plain);
  EXPECT_NEAR(model.EvaluateRows(problem.x, problem.y, 0, 9).loss, plain,
              1e-12 * plain);
  model.SetClassWeights({});
  EXPECT_EQ(model.TrainBatch(problem.x, problem.y).loss, plain);

  EXPECT_TRUE(Throws(ErrorKind::kValue, {"classWeights"}, [&] {
    model.SetClassWeights(std::vector<double>{1, 1});
  }));
  Model regression(Mlp(), CreateLoss("MSE", {}), nullptr, 5, kVector);
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"classWeights", "got 3"},
                     [&] { regression.SetClassWeights(weights); }));
}

TEST(ModelFreeze, FrozenLayersStay) {
  const Problem problem(kImage, 6);
  Model model = MakeModel(Cnn(), 5, kImage, "Adam");
  model.layers()[0]->set_trainable(false);
  model.layers()[1]->set_trainable(false);
  const auto state = [&] {
    return model.layers()[1]->State()[0].value.Clone();
  };
  const std::vector<Tensor> before = Weights(model);
  const Tensor mean = state();
  model.TrainBatch(problem.x, problem.y);
  std::vector<Tensor> after = Weights(model);
  const size_t frozen = model.layers()[0]->Params().size() + 2;
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(static_cast<bool>(Same("parameter", after[i], before[i])),
              i < frozen)
        << i;
  }
  EXPECT_TRUE(Same("running mean", state(), mean));
  // Thawed, with the optimizer that skipped them.
  model.layers()[0]->set_trainable(true);
  model.layers()[1]->set_trainable(true);
  model.TrainBatch(problem.x, problem.y);
  EXPECT_FALSE(Same("kernels", Weights(model)[0], before[0]));
  EXPECT_FALSE(Same("running mean", state(), mean));
}

TEST(ModelFreeze, NormalizationIsThatOfInference) {
  Uniform uniform(3);
  const Tensor x = uniform.Values(Shape{5, 4});
  const auto layer = Plain("BatchNormalization");
  layer->Build(Shape{4});
  layer->Forward(x, {.training = true});
  const Tensor inference = layer->Forward(x, {.training = false}).Clone();
  layer->set_trainable(false);
  EXPECT_TRUE(Same("output", layer->Forward(x, {.training = true}), inference));
}

TEST(OptimizerClipNorm, BoundsTheStep) {
  Uniform uniform(4);
  const auto steps = [&](double clip) {
    Config config = MakeConfig({{"learningRate", 1.0},
                                {"momentum", 0.0},
                                {"weightDecay", 0.0},
                                {"clipNorm", clip}});
    const auto optimizer = CreateOptimizer("SGD", config);
    std::vector<Parameter> parameters = {
        {"a", Tensor(Shape{2}), Tensor(Shape{2}, std::vector<float>{3, 0})},
        {"b", Tensor(Shape{1}), Tensor(Shape{1}, std::vector<float>{4})},
        // Frozen, so that it does not count.
        {"c", Tensor(Shape{1}), Tensor(Shape{1}, std::vector<float>{100}),
         false}};
    optimizer->Step(parameters);
    EXPECT_EQ(parameters[0].gradient.data()[0], 3);
    EXPECT_EQ(parameters[2].value.data()[0], 0);
    return std::pair(parameters[0].value.data()[0],
                     parameters[1].value.data()[0]);
  };
  EXPECT_EQ(steps(5.0), std::pair(-3.0f, -4.0f));
  EXPECT_EQ(steps(2.5), std::pair(-1.5f, -2.0f));
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"clipNorm", "0"}, [&] { steps(0); }));
}

TEST(OptimizerAdamW, HasNoOtherRegularization) {
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"AdamW", "regularization"}, [] {
    CreateOptimizer("AdamW",
                    MakeConfig({{"regularization", std::string("L2")}}));
  }));
  // Two steps of the published algorithm 2, in float64.
  const auto optimizer = CreateOptimizer(
      "AdamW", MakeConfig({{"learningRate", 0.5}, {"weightDecay", 0.25}}));
  double value = 2, first = 0, second = 0;
  Parameter parameter = {"w", Tensor(Shape{1}, std::vector<float>{2}),
                         Tensor(Shape{1})};
  for (const double gradient : {1.0, -3.0}) {
    const double t = gradient == 1.0 ? 1 : 2;
    value *= 1 - 0.5 * 0.25;
    first = 0.9 * first + 0.1 * gradient;
    second = 0.999 * second + 0.001 * gradient * gradient;
    value -= 0.5 * (first / (1 - std::pow(0.9, t))) /
             (std::sqrt(second / (1 - std::pow(0.999, t))) + 1e-8);
    parameter.gradient.data()[0] = static_cast<float>(gradient);
    optimizer->Step(std::span(&parameter, 1));
    EXPECT_NEAR(parameter.value.data()[0], value, 8 * kEpsilon);
  }
}

Layers Separate() {
  return {Convolution(8),   Plain("ReLU"),   Plain("MaxPooling2D"),
          Plain("Flatten"), Dense(8),        Plain("Swish"),
          Dense(3),         Plain("Softmax")};
}

TEST(ModelPasses, AddUpToTheWholeBatch) {
  // 5000 samples of 1500 floats do not fit into the 6 MiB of a pass.
  const Problem problem(kImage, 5000);
  Model model = MakeModel(Separate(), 5, kImage, "SGD", 0.25);
  const Layers whole = Separate();
  for (size_t i = 0; i < whole.size(); ++i) {
    whole[i]->Build(model.layers()[i]->input_shape());
    std::vector<Parameter> values;
    for (const Parameter& parameter : model.layers()[i]->Params()) {
      values.push_back({parameter.name, parameter.value});
    }
    LoadParams(*whole[i], values);
  }
  const auto loss = CrossEntropy();
  const std::vector<float> weights = {1.0f, 0.5f, 2.0f};
  model.SetClassWeights(std::vector<double>(weights.begin(), weights.end()));
  Plan plan(Layer::Chain(whole).first(whole.size() - 1));
  Tensor output;
  plan.Forward(problem.x, true, {&output, 1});
  Tensor gradient;
  const double wanted = loss->Compute(output, problem.y, gradient, weights);
  const double accuracy = loss->Accuracy(output, problem.y);
  plan.Backward({&gradient, 1}, false);

  const BatchResult result = model.TrainBatch(problem.x, problem.y);
  EXPECT_LT(model.layers()[0]->input().shape()[0], 5000u);
  EXPECT_NEAR(result.loss, wanted, 1e-6);
  EXPECT_NEAR(result.accuracy, accuracy, 1e-9);
  for (size_t i = 0; i < whole.size(); ++i) {
    const auto got = model.layers()[i]->Params(), all = whole[i]->Params();
    for (size_t j = 0; j < all.size(); ++j) {
      // Sums of 5000 terms in another order.
      EXPECT_TRUE(Close(Cat("layer ", i, " ", all[j].name), got[j].gradient,
                        all[j].gradient,
                        1e-4 * MaxAbs(all[j].gradient.values())));
    }
  }
}

TEST(ModelPasses, SamplesThatDependOnEachOtherStayTogether) {
  const Problem problem(kImage, 5000);
  Model model = MakeModel(Cnn(), 5, kImage);
  model.TrainBatch(problem.x, problem.y);
  EXPECT_EQ(model.layers()[0]->input().shape()[0], 5000u);
}

TEST(ModelPasses, LeaveTheGradientsOfFrozenLayersAlone) {
  const Problem problem(kImage, 5000);
  Model model = MakeModel(Separate(), 5, kImage, "Adam");
  model.TrainBatch(problem.x, problem.y);
  Layer& frozen = *model.layers()[0];
  frozen.set_trainable(false);
  const Tensor before = frozen.Params()[0].gradient.Clone();
  ASSERT_GT(MaxAbs(before.values()), 0);
  model.TrainBatch(problem.x, problem.y);
  EXPECT_TRUE(Same("gradient", frozen.Params()[0].gradient, before));
}

TEST(ModelEvaluate, KeepsNoDataAlive) {
  Model model = MakeModel(Mlp(), 5, kVector);
  const Problem problem(kVector, 30);
  model.EvaluateRows(problem.x, problem.y, 0, 10);
  EXPECT_TRUE(problem.x.SoleOwner());
  EXPECT_TRUE(problem.y.SoleOwner());
  model.Predict(problem.x, 10);
  EXPECT_TRUE(problem.x.SoleOwner());
}

TEST(ModelPasses, AllocateNothing) {
  const Problem problem(kImage, 5000);
  Model model = MakeModel(Separate(), 5, kImage, "Adam");
  for (size_t i = 0; i < 2; ++i) model.TrainBatch(problem.x, problem.y);
  const size_t before = AllocationCount();
  for (size_t i = 0; i < 2; ++i) model.TrainBatch(problem.x, problem.y);
  EXPECT_EQ(AllocationCount(), before);
}

TEST(ModelMemory, StepsAllocateNothing) {
  struct {
    const char* name;
    Layers layers;
    Shape input;
  } networks[] = {{"mlp", Mlp(), kVector}, {"cnn", Cnn(), kImage}};
  for (auto& network : networks) {
    for (const char* optimizer : {"SGD", "RMSprop", "Adam"}) {
      SCOPED_TRACE(Cat(network.name, " ", optimizer));
      Layers layers;
      for (const auto& layer : network.layers) {
        layers.push_back(CreateLayer(layer->type(), layer->GetConfig()));
      }
      Model model = MakeModel(std::move(layers), 5, network.input, optimizer);
      const Problem problem(network.input, 32);
      model.BeginEpoch(32, true);
      const auto expect_flat = [](const char* what,
                                  const std::function<void(size_t)>& step) {
        for (size_t i = 0; i < 2; ++i) step(i);
        const size_t before = AllocationCount();
        for (size_t i = 0; i < 4; ++i) step(i);
        EXPECT_EQ(AllocationCount(), before) << what;
      };
      expect_flat("training", [&](size_t i) {
        model.TrainRows(problem.x, problem.y, i * 8, 8);
        // A smaller batch fits into the memory of the larger one.
        model.TrainRows(problem.x, problem.y, i * 8, 5);
      });
      expect_flat("evaluation", [&](size_t i) {
        model.EvaluateRows(problem.x, problem.y, i * 8, 8);
      });
      expect_flat("one batch",
                  [&](size_t) { model.TrainBatch(problem.x, problem.y); });
    }
  }
}

}  // namespace
}  // namespace lamella::test
