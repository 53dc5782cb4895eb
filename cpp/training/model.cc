#include "training/model.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <ranges>
#include <utility>

#include "base/error.h"
#include "kernels/elementwise.h"
#include "kernels/reductions.h"
#include "layers/guards.h"
#include "layers/plan.h"
#include "layers/weighted_layer.h"

namespace lamella {
namespace {

// batch[i] = data[rows[i]], a row being everything after the first dimension.
void GatherRows(const Tensor& data, std::span<const uint32_t> rows,
                Tensor& batch) {
  const Shape sample = data.shape().WithoutFirst();
  const size_t size = sample.size();
  batch.Reset(sample.Prepended(rows.size()));
  float* to = batch.data();
  for (size_t row : rows) {
    to = std::copy_n(data.data() + row * size, size, to);
  }
}

// batch = data[first], …, data[first + count - 1]. A copy: what layers keep of
// a pass must not keep a whole data set alive that its owner lets go of.
void CopyRows(const Tensor& data, size_t first, size_t count, Tensor& batch) {
  const Shape sample = data.shape().WithoutFirst();
  batch.Reset(sample.Prepended(count));
  std::copy_n(data.data() + first * sample.size(), count * sample.size(),
              batch.data());
}

[[noreturn]] void FailData(std::string_view caller, std::string_view name,
                           const Shape& sample, const Shape& given) {
  ThrowShapeError(
      "Model.{}: {} must have shape [samples, …] with samples of {}, got {}",
      {caller, name, sample, given});
}

void CheckRows(std::string_view caller, size_t first, size_t count,
               size_t rows) {
  if (first <= rows && count <= rows - first && count > 0) return;
  ThrowStateError("Model.{}: samples {} to {} are not among {}",
                  {caller, first, first + count, rows});
}

// Draws the weights of layers in a row. `method` is what "auto" means to the
// last of them.
void InitWeights(std::span<const std::shared_ptr<Layer>> layers,
                 Initialization method) {
  // From the back, so that the activation that follows is known.
  bool normalized = false;
  for (const auto& layer : layers | std::views::reverse) {
    if (WeightedLayer* weighted = layer->AsWeighted()) {
      weighted->InitForModel(method, normalized);
    }
    for (const auto& chain : layer->Chains()) InitWeights(chain, method);
    const LayerRole role = layer->Describe().role;
    normalized = role == LayerRole::kNormalization;
    if (role == LayerRole::kRectifier) method = Initialization::kHe;
    if (role == LayerRole::kOtherActivation) method = Initialization::kXavier;
  }
}

}  // namespace

// A call of the model on its way. One more from within it is a state error, of
// this model or of another one that has one of its layers.
class Model::Call {
 public:
  Call(Model& model, std::string_view name) : model_(model) {
    for (const auto& layer : model.all_layers_) {
      if (!layer->busy()) continue;
      ThrowStateError(
          "Model.{}: the model's {} is in use by a call that has not returned",
          {name, layer->type()});
    }
    for (const auto& layer : model.all_layers_) layer->set_busy(true);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    for (const auto& layer : model_.all_layers_) layer->set_busy(false);
  }

 private:
  Model& model_;
};

Model::Model(std::vector<std::shared_ptr<Layer>> layers,
             std::shared_ptr<Loss> loss, std::shared_ptr<Optimizer> optimizer,
             uint64_t seed, std::optional<Shape> input_shape)
    : layers_(std::move(layers)),
      loss_(std::move(loss)),
      optimizer_(std::move(optimizer)),
      seed_(seed),
      layers_before_loss_activation_(layers_.size()) {
  if (layers_.empty()) ThrowValueError("Model: needs at least one layer");
  CollectLayers(layers_, all_layers_);
  BuildGuard guard(all_layers_);
  Build(input_shape);
  if (loss_ != nullptr) {
    if (loss_->IncludesActivation(layers_.back()->Describe().activation,
                                  layers_.back()->GetConfig(),
                                  output_shape())) {
      --layers_before_loss_activation_;
    }
    loss_->CheckSample(output_shape());
  }
  plan_ = Plan(Layer::Chain(layers_).first(layers_before_loss_activation_));
  InitWeights(layers_, Initialization::kXavier);
  guard.Done();
  for (const auto& layer : all_layers_) layer->BeginUse();
}

Model::~Model() {
  for (const auto& layer : all_layers_) layer->EndUse();
}

void Model::Build(std::optional<Shape> input_shape) {
  if (!input_shape.has_value()) {
    if (!layers_.front()->built()) {
      ThrowStateError(
          "Model: the input shape is not known; give inputShape to the first "
          "layer ({}) or to the model",
          {layers_.front()->type()});
    }
    input_shape = layers_.front()->input_shape();
  }
  for (size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = *layers_[i];
    // Another model goes on with the numbers that it draws.
    if (!layer.in_use()) layer.Seed({seed_, static_cast<uint32_t>(i)});
    try {
      layer.Build(*input_shape);
    } catch (const Error& error) {
      throw error.In("Model: layer", i);
    }
    input_shape = layer.output_shape();
  }
}

void Model::CheckData(std::string_view caller, const Tensor& x,
                      const Tensor* y) const {
  const Shape& x_shape = x.shape();
  if (x_shape.rank() == 0 || x_shape[0] == 0 ||
      !(x_shape.WithoutFirst() == input_shape())) {
    FailData(caller, "x", input_shape(), x_shape);
  }
  if (y == nullptr) return;
  const Shape& y_shape = y->shape();
  if (y_shape.rank() == 0 || y_shape[0] == 0 ||
      !(loss_ == nullptr ? y_shape.WithoutFirst() == output_shape()
                         : loss_->Fits(y_shape, output_shape()))) {
    FailData(caller, "y", expected_shape(), y_shape);
  }
  if (x_shape[0] != y_shape[0]) {
    ThrowShapeError("Model.{}: x has {} samples, y has {}",
                    {caller, x_shape[0], y_shape[0]});
  }
  if (loss_ == nullptr) {
    ThrowStateError("Model.{}: the model has no loss", {caller});
  }
}

void Model::Release() {
  for (const auto& layer : layers_ | std::views::reverse) {
    layer->ReleaseActivations();
  }
  for (const auto& layer : layers_) layer->ReleaseGradient();
}

Tensor Model::Forward(const Tensor& x, bool training) {
  Release();
  Tensor output;
  plan_.Forward(x, training, {&output, 1});
  return output;
}

void Model::RefreshParameters() {
  uint64_t version = 0;
  for (const auto& layer : layers_) version += layer->params_version();
  if (!parameters_.empty() && version == parameters_version_) return;
  parameters_.clear();
  for (size_t i = 0; i < layers_.size(); ++i) {
    for (Parameter& parameter : layers_[i]->Params()) {
      parameter.name = Format("layer_{}_{}", {i, parameter.name});
      parameter.trainable = parameter.trainable && layers_[i]->trainable();
      parameters_.push_back(std::move(parameter));
    }
  }
  parameters_version_ = version;
}

Shape Model::expected_shape() const {
  return loss_ == nullptr ? output_shape()
                          : loss_->ExpectedShape(output_shape());
}

void Model::SetClassWeights(std::span<const double> weights) {
  const Call call(*this, "train");
  const size_t classes = loss_ == nullptr ? 0 : loss_->Classes(output_shape());
  if (!weights.empty() && weights.size() != classes) {
    ThrowValueError(
        "Model.train: classWeights must be {} numbers, one for each class of "
        "the loss, got {}",
        {classes, weights.size()});
  }
  assert(std::ranges::all_of(weights, [](double weight) {
    return weight >= 0 && std::isfinite(static_cast<float>(weight));
  }));
  class_weights_ = std::vector<float>(weights.size());
  std::ranges::transform(weights, class_weights_.begin(), [](double weight) {
    return static_cast<float>(weight);
  });
}

void Model::BeginEpoch(size_t samples, bool shuffle) {
  const Call call(*this, "train");
  // First, since there may be no memory for it.
  if (order_.size() != samples) order_ = std::vector<uint32_t>(samples);
  progress_ = {.epochs = progress_.epochs + 1,
               .samples = samples,
               .shuffled = shuffle,
               .position = 0};
  DrawOrder();
}

void Model::DrawOrder() {
  if (order_.size() != progress_.samples) {
    order_ = std::vector<uint32_t>(progress_.samples);
  }
  if (progress_.shuffled && progress_.epochs > 0) {
    RandomStream(seed_, RandomPurpose::kShuffle,
                 static_cast<uint32_t>(progress_.epochs - 1))
        .FillPermutation(order_);
  } else {
    std::iota(order_.begin(), order_.end(), 0u);
  }
}

void Model::RestoreProgress(const Progress& progress) {
  const Call call(*this, "restoreProgress");
  assert(progress.position <= progress.samples);
  assert(progress.epochs > 0 || progress.samples == 0);
  progress_ = progress;
  // A stopped epoch's order is drawn when its data is there, since a file may
  // claim any number of samples; a finished one's is not needed.
  order_.clear();
}

void Model::PrepareOptimizer(uint64_t steps) {
  const Call call(*this, "prepareOptimizer");
  assert(optimizer_ != nullptr);
  RefreshParameters();
  optimizer_->Prepare(parameters_, steps);
}

BatchResult Model::TrainRows(const Tensor& x, const Tensor& y, size_t first,
                             size_t count) {
  const Call call(*this, "train");
  CheckData("train", x, &y);
  if (order_.empty() && progress_.samples <= x.shape()[0]) DrawOrder();
  // An epoch over more samples than x has: none of them can be taken.
  CheckRows("train", first, count,
            order_.size() > x.shape()[0] ? 0 : order_.size());
  const auto rows = std::span(order_).subspan(first, count);
  Release();
  GatherRows(x, rows, x_batch_);
  GatherRows(y, rows, y_batch_);
  const BatchResult result = Step("train", x_batch_, y_batch_);
  progress_.position = first + count;
  return result;
}

const std::vector<uint32_t>& Model::Order() {
  if (order_.size() != progress_.samples) DrawOrder();
  return order_;
}

BatchResult Model::TrainNext(const Tensor& x, const Tensor& y) {
  const Call call(*this, "train");
  CheckData("train", x, &y);
  const size_t count = x.shape()[0];
  CheckRows("train", progress_.position, count, progress_.samples);
  const BatchResult result = Step("train", x, y);
  progress_.position += count;
  return result;
}

BatchResult Model::TrainBatch(const Tensor& x, const Tensor& y) {
  const Call call(*this, "trainBatch");
  CheckData("trainBatch", x, &y);
  return Step("trainBatch", x, y);
}

BatchResult Model::Step(std::string_view caller, const Tensor& x,
                        const Tensor& y) {
  if (optimizer_ == nullptr) {
    ThrowStateError("Model.{}: the model has no optimizer", {caller});
  }
  loss_->CheckExpected(y, output_shape());
  StateGuard guard(layers_);
  const size_t samples = x.shape()[0];
  const size_t pass_samples = SamplesPerPass(samples);
  // An activation may swallow infinity, so that the loss does not tell.
  BatchResult result = {0, 0, AllFinite(x.data(), x.size())};
  for (size_t first = 0; first < samples; first += pass_samples) {
    const size_t count = std::min(pass_samples, samples - first);
    const double share =
        static_cast<double>(count) / static_cast<double>(samples);
    const BatchResult pass =
        TrainPass(x.Rows(first, count), y.Rows(first, count), share);
    result.loss += pass.loss * share;
    result.accuracy += pass.accuracy * share;
    if (pass_samples == samples) break;
    gradients_.resize(parameters_.size());
    for (size_t i = 0; i < gradients_.size(); ++i) {
      // A frozen layer need not compute its gradient.
      if (!parameters_[i].trainable) continue;
      Tensor& gradient = parameters_[i].gradient;
      GradientSum& sum = gradients_[i];
      if (first == 0) {
        sum.value.Reset(gradient.shape());
        sum.lost.Reset(gradient.shape());
        std::ranges::copy(gradient.values(), sum.value.data());
        std::ranges::fill(sum.lost.values(), 0.0f);
        continue;
      }
      AddCompensated(gradient.data(), sum.value.data(), sum.lost.data(),
                     gradient.size());
      if (first + count < samples) continue;
      std::ranges::copy(sum.value.values(), gradient.data());
    }
  }
  optimizer_->Step(parameters_);
  guard.Done();
  return result;
}

size_t Model::SamplesPerPass(size_t samples) const {
  // Measured (Node 24): a step of the cnn of batch 64 or 512 takes 43 µs a
  // sample in passes of 16 and 32, 46 to 48 in passes of 64, 51 in one of 512.
  // 6 MiB are 35 samples.
  constexpr double kCacheFloats = 3 << 19;
  // If fewer than 32 samples fit the cache, small passes gain nothing
  // (measured: passes of 16 and 32 cost two threads 5 to 15 %): use 64. With as
  // many, the weights take no longer than the activations: steps of wide
  // networks take as long a sample as in any larger batch.
  constexpr size_t kMinSamplesPerPass = 32, kSamplesIfTooFewFit = 64;
  if (!loss_->IsMean()) return samples;
  for (const auto& layer : all_layers_) {
    if (layer->Describe().mixes_samples && layer->learns()) return samples;
  }
  double floats = 1;
  for (size_t i = 0; i < layers_before_loss_activation_; ++i) {
    floats += 2 * static_cast<double>(layers_[i]->output_shape().size());
  }
  size_t most = static_cast<size_t>(kCacheFloats / floats);
  if (most < kMinSamplesPerPass) most = kSamplesIfTooFewFit;
  const size_t passes = (samples + most - 1) / most;
  return (samples + passes - 1) / passes;
}

BatchResult Model::TrainPass(const Tensor& x, const Tensor& y, double share) {
  const Tensor output = Forward(x, true);
  const BatchResult result = {
      loss_->Compute(output, y, gradient_, class_weights_),
      loss_->Accuracy(output, y)};
  if (share < 1) {
    for (float& each : gradient_.values()) each *= static_cast<float>(share);
  }
  plan_.Backward({&gradient_, 1}, false);
  RefreshParameters();
  return result;
}

BatchResult Model::EvaluateRows(const Tensor& x, const Tensor& y, size_t first,
                                size_t count) {
  const Call call(*this, "evaluate");
  CheckData("evaluate", x, &y);
  CheckRows("evaluate", first, count, x.shape()[0]);
  Release();
  CopyRows(x, first, count, x_batch_);
  CopyRows(y, first, count, y_batch_);
  const Tensor output = Forward(x_batch_, false);
  return {loss_->Compute(output, y_batch_, gradient_),
          loss_->Accuracy(output, y_batch_)};
}

Tensor Model::Predict(const Tensor& x, size_t batch_size) {
  const Call call(*this, "predict");
  CheckData("predict", x, nullptr);
  const size_t samples = x.shape()[0];
  Tensor predictions(output_shape().Prepended(samples));
  float* to = predictions.data();
  for (size_t first = 0; first < samples; first += batch_size) {
    const size_t count = std::min(batch_size, samples - first);
    Release();
    CopyRows(x, first, count, x_batch_);
    const Tensor output = Forward(x_batch_, false);
    if (!(output.shape() == output_shape().Prepended(count))) {
      ThrowStateError(
          "Model.predict: the layers have made {} in the place of {}",
          {output.shape(), output_shape().Prepended(count)});
    }
    to = std::ranges::copy(output.values(), to).out;
  }
  if (loss_ != nullptr) loss_->Activate(predictions);
  return predictions;
}

}  // namespace lamella
