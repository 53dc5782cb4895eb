// Layers and losses along an axis do to each position what they do to a vector.
#include "tensor/axis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "kernels/transpose.h"
#include "layers/registry.h"
#include "networks.h"
#include "test_util.h"
#include "training/losses.h"
#include "training/model.h"

namespace lamella::test {
namespace {

constexpr double kDefault = 99;

// Settings with an axis, unless it is kDefault.
Config WithAxis(double axis, Config config = {}) {
  if (axis != kDefault) config.Set("axis", axis);
  return config;
}

Axis MakeAxis(double axis) {
  const Config config = WithAxis(axis);
  ConfigReader reader("Owner", config);
  return Axis("Owner", reader);
}

struct Case {
  Shape batch;
  double axis;
  size_t index;  // within a sample
};

std::vector<Case> Cases() {
  return {{{4, 6}, kDefault, 0},        {{4, 6}, -1, 0},
          {{3, 5, 4}, kDefault, 1},     {{3, 5, 4}, 0, 0},
          {{3, 5, 4}, -2, 0},           {{2, 4, 3, 7}, kDefault, 0},
          {{2, 4, 3, 7}, 1, 1},         {{2, 4, 3, 7}, -1, 2},
          {{2, 4, 3, 2, 5}, 2, 2},      {{2, 4, 3, 2, 5}, kDefault, 0},
          {{1, 2, 16, 3}, kDefault, 0}, {{2, 3, 1, 1}, kDefault, 0}};
}

std::string Describe(const Case& c) {
  return Cat(ToText(c.batch), " axis ", c.axis);
}

// The positions of a tensor as rows, found by counting in mixed radix.
Tensor ToRows(const Tensor& x, size_t axis) {
  const Shape& shape = x.shape();
  const size_t size = shape[axis + 1];
  Tensor rows(Shape{x.size() / size, size});
  std::vector<size_t> at(shape.rank());
  for (size_t from = 0; from < x.size(); ++from) {
    size_t row = 0;
    for (size_t i = 0; i < shape.rank(); ++i) {
      if (i != axis + 1) row = row * shape[i] + at[i];
    }
    rows.data()[row * size + at[axis + 1]] = x.data()[from];
    for (size_t i = shape.rank(); i-- > 0;) {
      if (++at[i] < shape[i]) break;
      at[i] = 0;
    }
  }
  return rows;
}

TEST(Axis, IsThatOfTheFeaturesUnlessGiven) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Describe(c));
    const Axis axis = MakeAxis(c.axis);
    EXPECT_EQ(axis.given(), c.axis != kDefault);
    EXPECT_EQ(axis.Index(c.batch.WithoutFirst()), c.index);
    const AxisView view = axis.View(c.batch);
    EXPECT_EQ(view.size, c.batch[c.index + 1]);
    EXPECT_EQ(view.outer * view.size * view.inner, c.batch.size());
    EXPECT_EQ(view.positions() * view.size, c.batch.size());
    size_t inner = 1;
    for (size_t i = c.index + 2; i < c.batch.rank(); ++i) inner *= c.batch[i];
    EXPECT_EQ(view.inner, inner);
  }
}

TEST(Axis, RefusesWhatIsNone) {
  for (double axis : {2.0, -3.0, 8.0}) {
    EXPECT_TRUE(
        Throws(ErrorKind::kShape, {"Owner", "[3, 4]", Cat("axis ", axis)}, [&] {
          MakeAxis(axis).Index({3, 4});
        }));
  }
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"Owner", "[]"},
                     [] { MakeAxis(kDefault).Index({}); }));
  for (double axis : {0.5, -9.0, 9.0, HUGE_VAL, std::nan("")}) {
    EXPECT_TRUE(
        Throws(ErrorKind::kValue, {"Owner: axis"}, [&] { MakeAxis(axis); }));
  }
  for (const char* type : {"Dense", "Softmax", "LayerNormalization"}) {
    SCOPED_TRACE(type);
    Config config = MakeConfig({{"axis", 2.0}});
    if (type == std::string("Dense")) config.Set("outputSize", 2.0);
    const auto layer = CreateLayer(type, config);
    EXPECT_EQ(layer->GetConfig().Find("axis") != nullptr, true);
    EXPECT_TRUE(Throws(ErrorKind::kShape, {type, "[5, 4]", "axis 2"}, [&] {
      layer->Build({5, 4});
    }));
  }
}

TEST(Shape, WithoutOrWithAnotherDimension) {
  const Shape shape = {2, 3, 4};
  EXPECT_EQ(shape.Without(0), (Shape{3, 4}));
  EXPECT_EQ(shape.Without(1), (Shape{2, 4}));
  EXPECT_EQ(Shape{7}.Without(0), Shape{});
  EXPECT_EQ(shape.With(2, 9), (Shape{2, 3, 9}));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"too many"},
                     [&] { shape.With(1, SIZE_MAX / 8); }));
}

TEST(TransposeKernel, SwapsRowsAndColumns) {
  constexpr size_t kBatch = 3, kRows = 4, kColumns = 7;
  const std::vector<float> x = Uniform(1).Values(kBatch * kRows * kColumns);
  std::vector<float> y(x.size(), NAN);
  Transpose(x.data(), kBatch, kRows, kColumns, y.data());
  for (size_t n = 0; n < kBatch; ++n) {
    for (size_t i = 0; i < kRows; ++i) {
      for (size_t j = 0; j < kColumns; ++j) {
        EXPECT_EQ(y[(n * kColumns + j) * kRows + i],
                  x[(n * kRows + i) * kColumns + j]);
      }
    }
  }
}

// Compares a layer on `c.batch` with one on the positions as vectors.
void CheckLayer(const char* type, const Config& config, const Case& c,
                double tolerance) {
  SCOPED_TRACE(Cat(type, " ", Describe(c)));
  Uniform uniform(3);
  const auto layer = CreateLayer(type, WithAxis(c.axis, config));
  const auto vectors = CreateLayer(type, config);
  const Tensor x = uniform.Values(c.batch);
  const Tensor rows = ToRows(x, c.index);
  layer->Build(c.batch.WithoutFirst());
  vectors->Build(rows.shape().WithoutFirst());
  const auto params = layer->Params(), wanted = vectors->Params();
  ASSERT_EQ(params.size(), wanted.size());
  for (size_t i = 0; i < params.size(); ++i) {
    ASSERT_EQ(params[i].value.shape(), wanted[i].value.shape());
    Tensor value = params[i].value, other = wanted[i].value;
    std::ranges::copy(uniform.Values(value.size(), 0.5f, 1.5f), value.data());
    std::ranges::copy(value.values(), other.data());
  }
  const Tensor y = layer->Forward(x).Clone();
  EXPECT_TRUE(
      Close("output", ToRows(y, c.index), vectors->Forward(rows), tolerance));
  const Tensor gradient = uniform.Values(y.shape());
  const Tensor input_gradient = layer->Backward(gradient);
  const Tensor wanted_gradient = vectors->Backward(ToRows(gradient, c.index));
  EXPECT_TRUE(Close("input gradient", ToRows(input_gradient, c.index),
                    wanted_gradient, tolerance));
  for (size_t i = 0; i < params.size(); ++i) {
    EXPECT_TRUE(Close(params[i].name, params[i].gradient, wanted[i].gradient,
                      4 * tolerance));
  }
  // A layer of the written configuration takes the same samples.
  const auto again = CreateLayer(type, layer->GetConfig());
  again->Build(c.batch.WithoutFirst());
  EXPECT_EQ(again->output_shape(), layer->output_shape());
  EXPECT_EQ(again->GetConfig(), layer->GetConfig());
}

TEST(AxisLayers, DoToEachPositionWhatTheyDoToAVector) {
  for (const Case& c : Cases()) {
    // Sums of up to 16 terms below 1.5, in another order.
    CheckLayer("Dense", MakeConfig({{"outputSize", 5.0}}), c, 32 * kEpsilon);
    CheckLayer("Dense", MakeConfig({{"outputSize", 3.0}, {"noBias", true}}), c,
               32 * kEpsilon);
    CheckLayer("Softmax", MakeConfig({{"temperature", 0.5}}), c, 8 * kEpsilon);
    if (c.axis != kDefault) {
      CheckLayer("LayerNormalization", MakeConfig({{"epsilon", 1e-3}}), c, 0);
    }
  }
}

TEST(AxisLayers, DenseChangesTheSizeOfItsAxis) {
  const auto output = [](const Shape& input, double axis) {
    const auto layer =
        CreateLayer("Dense", WithAxis(axis, MakeConfig({{"outputSize", 9.0}})));
    layer->Build(input);
    return layer->output_shape();
  };
  EXPECT_EQ(output({5, 4}, kDefault), (Shape{5, 9}));
  EXPECT_EQ(output({5, 4}, 0), (Shape{9, 4}));
  EXPECT_EQ(output({5, 4, 3}, kDefault), (Shape{9, 4, 3}));
  EXPECT_EQ(output({5, 4, 3}, -1), (Shape{5, 4, 9}));
}

TEST(AxisLayers, DenseRectifiesForAReluAfterIt) {
  for (const Shape& batch : {Shape{3, 5, 4}, Shape{2, 4, 3, 7}}) {
    SCOPED_TRACE(ToText(batch));
    const auto dense = Dense(5);
    dense->Build(batch.WithoutFirst());
    const Tensor x = Uniform(4).Values(batch);
    const Tensor plain = dense->Forward(x).Clone();
    const Tensor& rectified = dense->Forward(x, {.rectify = true});
    for (size_t i = 0; i < plain.size(); ++i) {
      EXPECT_EQ(rectified.data()[i], std::max(plain.data()[i], 0.0f));
    }
  }
}

// The losses of sequences and images are those of their positions, bit for bit.
TEST(AxisLosses, AreThoseOfThePositions) {
  const Config warm = MakeConfig({{"temperature", 2.0}});
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Describe(c));
    Uniform uniform(5);
    const Shape sample = c.batch.WithoutFirst();
    const size_t classes = sample[c.index];
    const Tensor logits = uniform.Values(c.batch, -2, 2);
    const Tensor rows = ToRows(logits, c.index);
    const size_t positions = rows.shape()[0];
    // Labels in the order of positions, and as one-hot rows in both orders.
    Tensor labels(sample.Without(c.index).Prepended(c.batch[0]));
    Tensor numbers(Shape{positions}), one_hot(rows.shape());
    for (size_t n = 0; n < positions; ++n) {
      const size_t label = static_cast<size_t>(n * 7 / 3) % classes;
      labels.data()[n] = numbers.data()[n] = static_cast<float>(label);
      one_hot.data()[n * classes + label] = 1;
    }
    const size_t inner = MakeAxis(c.axis).View(c.batch).inner;
    Tensor expected(c.batch);
    Transpose(one_hot.data(), positions / inner, inner, classes,
              expected.data());
    EXPECT_TRUE(Same("one-hot", ToRows(expected, c.index), one_hot));
    const std::vector<float> weights = uniform.Values(classes, 0, 3);

    const auto check = [&](const char* type, const Tensor& y,
                           const Tensor& wanted_y) {
      SCOPED_TRACE(type);
      const auto loss = CreateLoss(type, WithAxis(c.axis, warm));
      const auto vectors = CreateLoss(type, warm);
      EXPECT_EQ(loss->Classes(sample), classes);
      EXPECT_EQ(loss->ExpectedShape(sample), y.shape().WithoutFirst());
      for (const auto& class_weights :
           {std::vector<float>(), std::vector<float>(weights)}) {
        Tensor gradient, wanted;
        EXPECT_EQ(loss->Compute(logits, y, gradient, class_weights),
                  vectors->Compute(rows, wanted_y, wanted, class_weights));
        EXPECT_TRUE(Same("gradient", ToRows(gradient, c.index), wanted));
      }
      EXPECT_EQ(loss->Accuracy(logits, y), vectors->Accuracy(rows, wanted_y));
      Tensor predicted = logits.Clone(), wanted = rows.Clone();
      loss->Activate(predicted);
      vectors->Activate(wanted);
      EXPECT_TRUE(Close("predictions", ToRows(predicted, c.index), wanted,
                        8 * kEpsilon));
    };
    check("CategoricalCrossEntropy", expected, one_hot);
    check("SparseCategoricalCrossEntropy", labels, numbers);
  }
}

TEST(AxisLosses, CheckEachPosition) {
  const auto loss = CreateLoss("CategoricalCrossEntropy", {});
  Tensor expected(Shape{1, 2, 3, 1}), gradient;
  for (size_t i : {0, 4, 2}) expected.data()[i] = 1;
  const Tensor logits(Shape{1, 2, 3, 1});
  loss->Compute(logits, expected, gradient);
  expected.data()[4] = 0;
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"sum to 1", "0 as the sum"},
                     [&] { loss->Compute(logits, expected, gradient); }));
  expected.data()[4] = NAN;
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"sum to 1"},
                     [&] { loss->Compute(logits, expected, gradient); }));
  const auto sparse = CreateLoss("SparseCategoricalCrossEntropy", {});
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"must have shape [1, 3, 1]"}, [&] {
    sparse->Compute(logits, Tensor(Shape{1, 3, 1, 1}), gradient);
  }));
  for (const char* type :
       {"CategoricalCrossEntropy", "SparseCategoricalCrossEntropy"}) {
    EXPECT_TRUE(
        Throws(ErrorKind::kShape, {type, "2 classes", "[1, 4, 1]"}, [&] {
          CreateLoss(type, {})->CheckSample({4, 1});
        }));
    EXPECT_TRUE(Throws(ErrorKind::kShape, {type, "axis 3"}, [&] {
      CreateLoss(type, WithAxis(3))->CheckSample({4, 2});
    }));
  }
}

TEST(AxisModel, FoldsASoftmaxAlongTheAxisOfTheLoss) {
  const Shape sample = {5, 4};
  const auto make = [&](double layer_axis, double loss_axis, bool softmax) {
    Layers layers = {CreateLayer("Dense", MakeConfig({{"outputSize", 3.0}}))};
    if (softmax) {
      layers.push_back(CreateLayer("Softmax", WithAxis(layer_axis)));
    }
    return Model(
        std::move(layers),
        CreateLoss("SparseCategoricalCrossEntropy", WithAxis(loss_axis)),
        MakeOptimizer("SGD", 0.5), 1, sample);
  };
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"the same axis", "got 0 and 1"},
                     [&] { make(0, kDefault, true); }));
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"the same axis", "got 1 and 0"},
                     [&] { make(kDefault, -2, true); }));
  Model folded = make(-1, 1, true), implied = make(0, kDefault, false);
  EXPECT_EQ(folded.expected_shape(), Shape{5});
  const Tensor x = Uniform(6).Values(sample.Prepended(6));
  Tensor y(Shape{6, 5});
  for (size_t i = 0; i < y.size(); ++i) {
    y.data()[i] = x.data()[4 * i] > 0 ? 2 : 0;
  }
  EXPECT_TRUE(Same("predictions", folded.Predict(x, 4), implied.Predict(x, 6)));
  double loss = 0;
  for (int step = 0; step < 40; ++step) {
    const BatchResult result = folded.TrainBatch(x, y);
    EXPECT_EQ(result.loss, implied.TrainBatch(x, y).loss);
    if (step > 0) EXPECT_LT(result.loss, loss);
    loss = result.loss;
  }
  EXPECT_GT(folded.EvaluateRows(x, y, 0, 6).accuracy, 0.9);
  // The same whatever the size of a pass.
  EXPECT_NEAR((4 * folded.EvaluateRows(x, y, 0, 4).loss +
               2 * folded.EvaluateRows(x, y, 4, 2).loss) /
                  6,
              folded.EvaluateRows(x, y, 0, 6).loss, 1e-12);
}

}  // namespace
}  // namespace lamella::test
