#include "layers/batch_normalization.h"

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace lamella {
namespace {

template <typename BatchNormalizationLayer>
std::shared_ptr<Layer> Read(ConfigReader& reader) {
  const double momentum = reader.Number("momentum", 0, 1, 0.9);
  return std::make_shared<BatchNormalizationLayer>(
      momentum, reader.Number("epsilon", 0,
                              std::numeric_limits<double>::infinity(), 1e-8));
}

// cache = momentum * cache + (1 - momentum) * batch.
void MoveAverage(double momentum, const Tensor& batch, Tensor& cache) {
  const float keep = static_cast<float>(momentum);
  const float take = static_cast<float>(1 - momentum);
  std::ranges::transform(
      cache.values(), batch.values(), cache.data(),
      [keep, take](float old, float now) { return keep * old + take * now; });
}

}  // namespace

void BatchNormalizationBase::OnBuild() {
  const Shape shape = ParamsShape();
  Tensor gamma(shape), beta(shape), gamma_gradient(shape), beta_gradient(shape);
  Tensor running_mean(shape), running_variance(shape);
  std::ranges::fill(gamma.values(), 1.0f);
  std::ranges::fill(running_variance.values(), 1.0f);
  gamma_ = std::move(gamma);
  beta_ = std::move(beta);
  gamma_gradient_ = std::move(gamma_gradient);
  beta_gradient_ = std::move(beta_gradient);
  running_mean_ = std::move(running_mean);
  running_variance_ = std::move(running_variance);
  CountParamsChange();
}

std::vector<Parameter> BatchNormalizationBase::Params() {
  if (!built()) ThrowStateError(Message("params are known after build()"));
  return {{"gamma", gamma_, gamma_gradient_}, {"beta", beta_, beta_gradient_}};
}

std::vector<NamedTensor> BatchNormalizationBase::State() {
  if (!built()) ThrowStateError(Message("state is known after build()"));
  return {{"cache_m", running_mean_}, {"cache_v", running_variance_}};
}

void BatchNormalizationBase::WriteConfig(Config& config) const {
  config.Set("momentum", momentum_);
  config.Set("epsilon", epsilon_);
}

BatchNormGeometry BatchNormalizationBase::Geometry() const {
  return {.batch = batch(),
          .channels = input_shape_[0],
          .pixels = input_shape_.size() / input_shape_[0]};
}

void BatchNormalizationBase::OnForward(bool training) {
  const BatchNormGeometry geometry = Geometry();
  output_.Reset(input_.shape());
  normalized_.Reset(input_.shape());
  inverse_deviation_.Reset(ParamsShape());
  trained_ = training && trainable();
  if (trained_) {
    mean_.Reset(ParamsShape());
    variance_.Reset(ParamsShape());
    BatchMoments(geometry, input_.data(), mean_.data(), variance_.data());
    MoveAverage(momentum_, mean_, running_mean_);
    MoveAverage(momentum_, variance_, running_variance_);
  }
  const Tensor& mean = trained_ ? mean_ : running_mean_;
  const Tensor& variance = trained_ ? variance_ : running_variance_;
  BatchNorm(geometry, input_.data(), mean.data(), variance.data(),
            static_cast<float>(epsilon_), gamma_.data(), beta_.data(),
            normalized_.data(), inverse_deviation_.data(), output_.data());
}

void BatchNormalizationBase::OnBackward(const Tensor& output_gradient,
                                        bool want_input_gradient) {
  const BatchNormGeometry geometry = Geometry();
  BatchNormParamsGradient(geometry, normalized_.data(), output_gradient.data(),
                          gamma_gradient_.data(), beta_gradient_.data());
  if (!want_input_gradient) return;
  input_gradient_.Reset(input_.shape());
  if (trained_) {
    BatchNormInputGradient(geometry, normalized_.data(),
                           inverse_deviation_.data(), gamma_.data(),
                           gamma_gradient_.data(), beta_gradient_.data(),
                           output_gradient.data(), input_gradient_.data());
  } else {
    BatchNormInferenceGradient(geometry, inverse_deviation_.data(),
                               gamma_.data(), output_gradient.data(),
                               input_gradient_.data());
  }
}

std::shared_ptr<Layer> BatchNormalization::FromConfig(ConfigReader& reader) {
  return Read<BatchNormalization>(reader);
}

Shape BatchNormalization::OutputShape(const Shape& input_shape) const {
  if (input_shape.rank() != 1) {
    ThrowShapeError(
        Message(Cat("input must be a vector per sample, got shape ",
                    input_shape, "; BatchNormalization2D is for images")));
  }
  return input_shape;
}

std::shared_ptr<Layer> BatchNormalization2D::FromConfig(ConfigReader& reader) {
  return Read<BatchNormalization2D>(reader);
}

Shape BatchNormalization2D::OutputShape(const Shape& input_shape) const {
  if (input_shape.rank() != 3) {
    ThrowShapeError(Message(Cat(
        "input must be images [channels, height, width], got ", input_shape)));
  }
  return input_shape;
}

}  // namespace lamella
