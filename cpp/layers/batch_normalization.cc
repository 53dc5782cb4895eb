#include "layers/batch_normalization.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace lamella {
namespace {

// cache = momentum * cache + (1 - momentum) * batch.
void MoveAverage(double momentum, const Tensor& batch, Tensor& cache) {
  const float keep = static_cast<float>(momentum);
  const float take = static_cast<float>(1 - momentum);
  std::ranges::transform(
      cache.values(), batch.values(), cache.data(),
      [keep, take](float old, float now) { return keep * old + take * now; });
}

}  // namespace

BatchNormalization::BatchNormalization(Engine& engine, std::string_view type,
                                       ConfigReader& reader)
    : Layer(engine, type),
      momentum_(reader.Number("momentum", 0, 1, 0.9)),
      epsilon_(reader.Number("epsilon", 0,
                             std::numeric_limits<double>::infinity(), 1e-8)) {}

Shape BatchNormalization::OutputShape(const Shape& input_shape) const {
  if (input_shape.rank() != 1) {
    Fail(ErrorKind::kShape,
         "input must be a vector per sample, got shape {}; "
         "BatchNormalization2D is for images",
         {input_shape});
  }
  return input_shape;
}

Shape BatchNormalization::ParamsShape() const { return {1, input_shape_[0]}; }

void BatchNormalization::OnBuild() {
  const Shape shape = ParamsShape();
  // Allocated together and only then moved in, so that running out of memory
  // leaves the layer as it was.
  Parameter gamma(engine(), "gamma", shape, false);
  Parameter beta(engine(), "beta", shape, false);
  Tensor running_mean(engine(), shape), running_variance(engine(), shape);
  Tensor saved_mean(engine(), shape), saved_variance(engine(), shape);
  std::ranges::fill(gamma.value.values(), 1.0f);
  std::ranges::fill(running_variance.values(), 1.0f);
  gamma_ = std::move(gamma);
  beta_ = std::move(beta);
  running_mean_ = std::move(running_mean);
  running_variance_ = std::move(running_variance);
  saved_mean_ = std::move(saved_mean);
  saved_variance_ = std::move(saved_variance);
  CountParamsChange();
}

void BatchNormalization::SaveState() {
  std::ranges::copy(running_mean_.values(), saved_mean_.data());
  std::ranges::copy(running_variance_.values(), saved_variance_.data());
}

void BatchNormalization::RestoreState() {
  std::ranges::copy(saved_mean_.values(), running_mean_.data());
  std::ranges::copy(saved_variance_.values(), running_variance_.data());
}

void BatchNormalization::CollectBuilt(std::vector<Tensor*>& tensors) {
  for (Tensor* tensor :
       {&gamma_.value, &gamma_.gradient, &beta_.value, &beta_.gradient,
        &running_mean_, &running_variance_, &saved_mean_, &saved_variance_}) {
    tensors.push_back(tensor);
  }
}

void BatchNormalization::CollectParams(std::vector<Parameter>& params) {
  params.push_back(Parameter(gamma_));
  params.push_back(Parameter(beta_));
}

void BatchNormalization::CollectState(std::vector<Parameter>& state) {
  CheckBuilt("state is");
  state.push_back({"cache_m", running_mean_});
  state.push_back({"cache_v", running_variance_});
}

void BatchNormalization::WriteConfig(Config& config) const {
  config.Set("momentum", momentum_);
  config.Set("epsilon", epsilon_);
}

BatchNormGeometry BatchNormalization::Geometry() const {
  return {.batch = batch(),
          .channels = input_shape_[0],
          .pixels = input_shape_.size() / input_shape_[0]};
}

void BatchNormalization::OnForward(const ForwardArguments& arguments) {
  const BatchNormGeometry geometry = Geometry();
  const bool trains = arguments.training && trainable();
  if (trains && geometry.batch * geometry.pixels == 1) {
    Fail(
        ErrorKind::kValue,
        "training needs more than one value a channel, got a batch of shape "
        "{}; use a batch size that leaves no sample alone, or freeze the layer",
        {input_.shape()});
  }
  float* output = NewOutput();
  trained_ = trains;
  if (trained_) {
    mean_.Reset(ParamsShape());
    mean_rest_.Reset(ParamsShape());
    variance_.Reset(ParamsShape());
    BatchMoments(engine().pool(), geometry, input_.data(), mean_.data(),
                 mean_rest_.data(), variance_.data());
    MoveAverage(momentum_, mean_, running_mean_);
    MoveAverage(momentum_, variance_, running_variance_);
  }
  ComputeInverseDeviation();
  BatchNorm(engine().pool(), geometry, Parameters(), input_.data(),
            arguments.rectify, output);
}

void BatchNormalization::ComputeInverseDeviation() {
  const Tensor& variance = trained_ ? variance_ : running_variance_;
  inverse_deviation_.Reset(ParamsShape());
  InverseDeviations(variance.data(), static_cast<float>(epsilon_),
                    variance.size(), inverse_deviation_.data());
}

BatchNormParameters BatchNormalization::Parameters() const {
  return {.mean = (trained_ ? mean_ : running_mean_).data(),
          .mean_rest = trained_ ? mean_rest_.data() : nullptr,
          .inverse_deviation = inverse_deviation_.data(),
          .gamma = gamma_.value.data(),
          .beta = beta_.value.data()};
}

BatchNormParameters BatchNormalization::Normalization() {
  // There is no backward pass over half of a forward pass.
  input_ = Tensor();
  trained_ = false;
  ComputeInverseDeviation();
  return Parameters();
}

void BatchNormalization::OnBackward(const Tensor& output_gradient,
                                    const BackwardArguments& arguments) {
  const BatchNormGeometry geometry = Geometry();
  const BatchNormParameters parameters = Parameters();
  BatchNormParamsGradient(engine().pool(), geometry, parameters, input_.data(),
                          output_gradient.data(), gamma_.gradient.data(),
                          beta_.gradient.data());
  if (!arguments.want_input_gradient) return;
  const float count = static_cast<float>(geometry.batch * geometry.pixels);
  BatchNormInputGradient(engine().pool(), geometry, parameters,
                         trained_ ? 1.0f / count : 0.0f, gamma_.gradient.data(),
                         beta_.gradient.data(), input_.data(),
                         output_gradient.data(), NewInputGradient());
}

Shape BatchNormalization2D::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  return input_shape;
}

Shape BatchNormalization2D::ParamsShape() const {
  return {1, input_shape_[0], 1, 1};
}

}  // namespace lamella
