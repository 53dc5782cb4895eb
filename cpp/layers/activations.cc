#include "layers/activations.h"

#include <algorithm>
#include <limits>

#include "kernels/elementwise.h"
#include "kernels/softmax.h"

namespace lamella {

struct PlainActivation::Function {
  std::string_view type;
  LayerRole role;
  void (*compute)(const float* x, float* y, size_t size);
  /// From the output rather than the input where `from_output`.
  void (*gradient)(const float* x_or_y, const float* output_gradient,
                   float* input_gradient, size_t size);
  bool from_output;
};

namespace {

constexpr PlainActivation::Function kFunctions[] = {
    {"ReLU", LayerRole::kRectifier, ReluForward, ReluGradient, true},
    {"Sigmoid", LayerRole::kOtherActivation, SigmoidForward, SigmoidGradient,
     true},
    {"Tanh", LayerRole::kOtherActivation, TanhForward, TanhGradient, true},
    {"Swish", LayerRole::kRectifier, SwishForward, SwishGradient, false},
    {"GELU", LayerRole::kRectifier, GeluForward, GeluGradient, false},
};

}  // namespace

void Activation::OnForward(bool /*training*/) {
  Compute(NewOutput(), input_.size());
}

void Activation::OnBackward(const Tensor& output_gradient,
                            bool want_input_gradient) {
  if (!want_input_gradient) return;
  ComputeGradient(output_gradient.data(), NewInputGradient(), input_.size());
}

PlainActivation::PlainActivation(ConfigReader& reader)
    : Activation(reader.owner()),
      function_(
          *std::ranges::find(kFunctions, reader.owner(), &Function::type)) {}
LayerRole PlainActivation::role() const { return function_.role; }
bool PlainActivation::IsRelu() const {
  return function_.compute == ReluForward;
}
void PlainActivation::Compute(float* output, size_t size) {
  function_.compute(input_.data(), output, size);
}
void PlainActivation::ComputeGradient(const float* output_gradient,
                                      float* input_gradient, size_t size) {
  const Tensor& from = function_.from_output ? output_ : input_;
  function_.gradient(from.data(), output_gradient, input_gradient, size);
}

PReLU::PReLU(ConfigReader& reader)
    : Activation(reader.owner()),
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
    : Activation(reader.owner()),
      temperature_(reader.Positive("temperature", 1.0)) {}
void Softmax::WriteConfig(Config& config) const {
  config.Set("temperature", temperature_);
}
size_t Softmax::Pixels() const { return input_shape_.size() / input_shape_[0]; }
void Softmax::Compute(float* output, size_t /*size*/) {
  SoftmaxForward(input_.data(), batch(), input_shape_[0], Pixels(),
                 static_cast<float>(temperature_), output);
}
void Softmax::ComputeGradient(const float* output_gradient,
                              float* input_gradient, size_t /*size*/) {
  SoftmaxGradient(output_.data(), output_gradient, batch(), input_shape_[0],
                  Pixels(), static_cast<float>(temperature_), input_gradient);
}

}  // namespace lamella
