#include "layers/activations.h"

#include <limits>

#include "base/error.h"
#include "kernels/elementwise.h"
#include "kernels/softmax.h"

namespace lamella {
namespace {
constexpr double kInfinity = std::numeric_limits<double>::infinity();
}  // namespace

void Activation::OnForward(bool /*training*/) {
  output_.Reset(input_.shape());
  Compute(input_.size());
}

void Activation::OnBackward(const Tensor& output_gradient,
                            bool want_input_gradient) {
  if (!want_input_gradient) return;
  input_gradient_.Reset(input_.shape());
  ComputeGradient(output_gradient.data(), input_.size());
}

std::shared_ptr<Layer> ReLU::FromConfig(ConfigReader& /*reader*/) {
  return std::make_shared<ReLU>();
}
void ReLU::Compute(size_t size) {
  ReluForward(input_.data(), output_.data(), size);
}
void ReLU::ComputeGradient(const float* output_gradient, size_t size) {
  ReluGradient(output_.data(), output_gradient, input_gradient_.data(), size);
}

std::shared_ptr<Layer> PReLU::FromConfig(ConfigReader& reader) {
  return std::make_shared<PReLU>(
      reader.Number("alpha", -kInfinity, kInfinity, 0.01));
}
void PReLU::WriteConfig(Config& config) const { config.Set("alpha", alpha_); }
void PReLU::Compute(size_t size) {
  PreluForward(input_.data(), static_cast<float>(alpha_), output_.data(), size);
}
void PReLU::ComputeGradient(const float* output_gradient, size_t size) {
  PreluGradient(input_.data(), static_cast<float>(alpha_), output_gradient,
                input_gradient_.data(), size);
}

std::shared_ptr<Layer> LeakyReLU::FromConfig(ConfigReader& reader) {
  return std::make_shared<LeakyReLU>(
      reader.Number("alpha", -kInfinity, kInfinity, 0.01));
}

std::shared_ptr<Layer> GELU::FromConfig(ConfigReader& /*reader*/) {
  return std::make_shared<GELU>();
}
void GELU::Compute(size_t size) {
  GeluForward(input_.data(), output_.data(), size);
}
void GELU::ComputeGradient(const float* output_gradient, size_t size) {
  GeluGradient(input_.data(), output_gradient, input_gradient_.data(), size);
}

std::shared_ptr<Layer> Sigmoid::FromConfig(ConfigReader& /*reader*/) {
  return std::make_shared<Sigmoid>();
}
void Sigmoid::Compute(size_t size) {
  SigmoidForward(input_.data(), output_.data(), size);
}
void Sigmoid::ComputeGradient(const float* output_gradient, size_t size) {
  SigmoidGradient(output_.data(), output_gradient, input_gradient_.data(),
                  size);
}

std::shared_ptr<Layer> Tanh::FromConfig(ConfigReader& /*reader*/) {
  return std::make_shared<Tanh>();
}
void Tanh::Compute(size_t size) {
  TanhForward(input_.data(), output_.data(), size);
}
void Tanh::ComputeGradient(const float* output_gradient, size_t size) {
  TanhGradient(output_.data(), output_gradient, input_gradient_.data(), size);
}

std::shared_ptr<Layer> Swish::FromConfig(ConfigReader& /*reader*/) {
  return std::make_shared<Swish>();
}
void Swish::Compute(size_t size) {
  SwishForward(input_.data(), output_.data(), size);
}
void Swish::ComputeGradient(const float* output_gradient, size_t size) {
  SwishGradient(input_.data(), output_gradient, input_gradient_.data(), size);
}

std::shared_ptr<Layer> Softmax::FromConfig(ConfigReader& reader) {
  const double temperature = reader.Number("temperature", 0, kInfinity, 1.0);
  if (!(temperature > 0)) {
    ThrowValueError("Softmax: temperature must be greater than 0, got 0");
  }
  return std::make_shared<Softmax>(temperature);
}
void Softmax::WriteConfig(Config& config) const {
  config.Set("temperature", temperature_);
}
size_t Softmax::Pixels() const { return input_shape_.size() / input_shape_[0]; }
void Softmax::Compute(size_t /*size*/) {
  SoftmaxForward(input_.data(), batch(), input_shape_[0], Pixels(),
                 static_cast<float>(temperature_), output_.data());
}
void Softmax::ComputeGradient(const float* output_gradient, size_t /*size*/) {
  SoftmaxGradient(output_.data(), output_gradient, batch(), input_shape_[0],
                  Pixels(), static_cast<float>(temperature_),
                  input_gradient_.data());
}

}  // namespace lamella
