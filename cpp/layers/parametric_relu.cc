#include "layers/parametric_relu.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "kernels/channelwise.h"

namespace lamella {

ParametricReLU::ParametricReLU(Engine& engine, ConfigReader& reader)
    : Layer(engine, kType),
      initial_alpha_(reader.Number(
          "initialAlpha", -std::numeric_limits<double>::infinity(),
          std::numeric_limits<double>::infinity(), 0.25)),
      axis_(kType, reader) {}

void ParametricReLU::WriteConfig(Config& config) const {
  config.Set("initialAlpha", initial_alpha_);
  axis_.WriteConfig(config);
}

Shape ParametricReLU::OutputShape(const Shape& input_shape) const {
  axis_.Index(input_shape);
  return input_shape;
}

void ParametricReLU::OnBuild() {
  const Shape shape = {1, input_shape_[axis_.Index(input_shape_)]};
  Parameter alpha(engine(), "alpha", shape, false);
  std::ranges::fill(alpha.value.values(), static_cast<float>(initial_alpha_));
  alpha_ = std::move(alpha);
  CountParamsChange();
}

void ParametricReLU::CollectBuilt(std::vector<Tensor*>& tensors) {
  tensors.push_back(&alpha_.value);
  tensors.push_back(&alpha_.gradient);
}

void ParametricReLU::CollectParams(std::vector<Parameter>& params) {
  params.push_back(Parameter(alpha_));
}

void ParametricReLU::OnForward(const ForwardArguments& /*arguments*/) {
  ParametricRelu(engine().pool(), axis_.View(input_.shape()), input_.data(),
                 alpha_.value.data(), NewOutput());
}

void ParametricReLU::OnBackward(const Tensor& output_gradient,
                                const BackwardArguments& arguments) {
  const AxisView view = axis_.View(input_.shape());
  ParametricReluAlphaGradient(engine().pool(), view, input_.data(),
                              output_gradient.data(), alpha_.gradient.data());
  if (!arguments.want_input_gradient) return;
  ParametricReluInputGradient(engine().pool(), view, input_.data(),
                              alpha_.value.data(), output_gradient.data(),
                              NewInputGradient());
}

}  // namespace lamella
