#include "layers/activations.h"

#include <limits>

#include "kernels/elementwise.h"
#include "kernels/softmax.h"

namespace lamella {

void Activation::OnForward(const ForwardArguments& /*arguments*/) {
  Compute(NewOutput(), input_.size());
}

void Activation::OnBackward(const Tensor& output_gradient,
                            const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  ComputeGradient(output_gradient.data(), NewInputGradient(), input_.size());
}

void PlainActivation::Compute(float* output, size_t size) {
  function_.compute(input_.data(), output, size);
}
void PlainActivation::ComputeGradient(const float* output_gradient,
                                      float* input_gradient, size_t size) {
  const Tensor& from = function_.from_output ? output_ : input_;
  function_.gradient(from.data(), output_gradient, input_gradient, size);
}

ReLU::ReLU(ConfigReader& /*reader*/)
    : PlainActivation(
          kType, {.traits = {.role = LayerRole::kRectifier, .is_relu = true},
                  .compute = ReluForward,
                  .gradient = ReluGradient,
                  .from_output = true}) {}
Sigmoid::Sigmoid(ConfigReader& /*reader*/)
    : PlainActivation(kType, {.traits = {.role = LayerRole::kOtherActivation,
                                         .activation = kType},
                              .compute = SigmoidForward,
                              .gradient = SigmoidGradient,
                              .from_output = true}) {}
Tanh::Tanh(ConfigReader& /*reader*/)
    : PlainActivation(kType, {.traits = {.role = LayerRole::kOtherActivation},
                              .compute = TanhForward,
                              .gradient = TanhGradient,
                              .from_output = true}) {}
Swish::Swish(ConfigReader& /*reader*/)
    : PlainActivation(kType, {.traits = {.role = LayerRole::kRectifier},
                              .compute = SwishForward,
                              .gradient = SwishGradient,
                              .from_output = false}) {}
GELU::GELU(ConfigReader& /*reader*/)
    : PlainActivation(kType, {.traits = {.role = LayerRole::kRectifier},
                              .compute = GeluForward,
                              .gradient = GeluGradient,
                              .from_output = false}) {}

PReLU::PReLU(std::string_view type, ConfigReader& reader)
    : Activation(type),
      alpha_(reader.Number("alpha", -std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::infinity(), 0.01)) {}
void PReLU::WriteConfig(Config& config) const { config.Set("alpha", alpha_); }
void PReLU::Compute(float* output, size_t size) {
  PreluForward(input_.data(), static_cast<float>(alpha_), output, size);
}
void PReLU::ComputeGradient(const float* output_gradient, float* input_gradient,
                            size_t size) {
  PreluGradient(input_.data(), static_cast<float>(alpha_), output_gradient,
                input_gradient, size);
}

Softmax::Softmax(ConfigReader& reader)
    : Activation(kType),
      temperature_(reader.Positive("temperature", 1.0)),
      axis_(kType, reader) {}
Shape Softmax::OutputShape(const Shape& input_shape) const {
  axis_.Index(input_shape);
  return input_shape;
}
void Softmax::WriteConfig(Config& config) const {
  config.Set("temperature", temperature_);
  axis_.WriteConfig(config);
}
void Softmax::Compute(float* output, size_t /*size*/) {
  const auto [outer, classes, inner] = axis_.View(input_.shape());
  SoftmaxForward(input_.data(), outer, classes, inner,
                 static_cast<float>(temperature_), output);
}
void Softmax::ComputeGradient(const float* output_gradient,
                              float* input_gradient, size_t /*size*/) {
  const auto [outer, classes, inner] = axis_.View(input_.shape());
  SoftmaxGradient(output_.data(), output_gradient, outer, classes, inner,
                  static_cast<float>(temperature_), input_gradient);
}

}  // namespace lamella
