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
  function_.compute(engine().pool(), input_.data(), output, size);
}
void PlainActivation::ComputeGradient(const float* output_gradient,
                                      float* input_gradient, size_t size) {
  const Tensor& from = function_.from_output ? output_ : input_;
  function_.gradient(engine().pool(), from.data(), output_gradient,
                     input_gradient, size);
}

ReLU::ReLU(Engine& engine, ConfigReader& /*reader*/)
    : PlainActivation(
          engine, kType,
          {.traits = {.role = LayerRole::kRectifier, .is_relu = true},
           .compute = ReluForward,
           .gradient = ReluGradient,
           .from_output = true}) {}
Sigmoid::Sigmoid(Engine& engine, ConfigReader& /*reader*/)
    : PlainActivation(
          engine, kType,
          {.traits = {.role = LayerRole::kOtherActivation, .activation = kType},
           .compute = SigmoidForward,
           .gradient = SigmoidGradient,
           .from_output = true}) {}
Tanh::Tanh(Engine& engine, ConfigReader& /*reader*/)
    : PlainActivation(engine, kType,
                      {.traits = {.role = LayerRole::kOtherActivation},
                       .compute = TanhForward,
                       .gradient = TanhGradient,
                       .from_output = true}) {}
Swish::Swish(Engine& engine, ConfigReader& /*reader*/)
    : PlainActivation(engine, kType,
                      {.traits = {.role = LayerRole::kRectifier},
                       .compute = SwishForward,
                       .gradient = SwishGradient,
                       .from_output = false}) {}
GELU::GELU(Engine& engine, ConfigReader& /*reader*/)
    : PlainActivation(engine, kType,
                      {.traits = {.role = LayerRole::kRectifier},
                       .compute = GeluForward,
                       .gradient = GeluGradient,
                       .from_output = false}) {}

PReLU::PReLU(Engine& engine, std::string_view type, ConfigReader& reader)
    : Activation(engine, type),
      alpha_(reader.Number("alpha", -std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::infinity(), 0.01)) {}
void PReLU::WriteConfig(Config& config) const { config.Set("alpha", alpha_); }
void PReLU::Compute(float* output, size_t size) {
  PreluForward(engine().pool(), input_.data(), static_cast<float>(alpha_),
               output, size);
}
void PReLU::ComputeGradient(const float* output_gradient, float* input_gradient,
                            size_t size) {
  PreluGradient(engine().pool(), input_.data(), static_cast<float>(alpha_),
                output_gradient, input_gradient, size);
}

Softmax::Softmax(Engine& engine, ConfigReader& reader)
    : Activation(engine, kType),
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
  SoftmaxForward(engine().pool(), input_.data(), outer, classes, inner,
                 static_cast<float>(temperature_), output);
}
void Softmax::ComputeGradient(const float* output_gradient,
                              float* input_gradient, size_t /*size*/) {
  const auto [outer, classes, inner] = axis_.View(input_.shape());
  SoftmaxGradient(engine().pool(), output_.data(), output_gradient, outer,
                  classes, inner, static_cast<float>(temperature_),
                  input_gradient);
}

}  // namespace lamella
