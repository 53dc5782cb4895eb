#include "layers/rms_normalization.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "kernels/rms_norm.h"

namespace lamella {

RMSNormalization::RMSNormalization(Engine& engine, ConfigReader& reader)
    : Layer(engine, kType),
      epsilon_(reader.Number("epsilon", 0,
                             std::numeric_limits<double>::infinity(), 1e-6)),
      axis_(kType, reader) {}

void RMSNormalization::WriteConfig(Config& config) const {
  config.Set("epsilon", epsilon_);
  axis_.WriteConfig(config);
}

Shape RMSNormalization::OutputShape(const Shape& input_shape) const {
  if (axis_.given()) axis_.Index(input_shape);
  return input_shape;
}

void RMSNormalization::OnBuild() {
  Shape shape = input_shape_.Prepended(1);
  if (axis_.given()) shape = {1, axis_.View(shape).size};
  Parameter gamma(engine(), "gamma", shape, false);
  std::ranges::fill(gamma.value.values(), 1.0f);
  gamma_ = std::move(gamma);
  CountParamsChange();
}

void RMSNormalization::CollectBuilt(std::vector<Tensor*>& tensors) {
  tensors.push_back(&gamma_.value);
  tensors.push_back(&gamma_.gradient);
}

void RMSNormalization::CollectParams(std::vector<Parameter>& params) {
  params.push_back(Parameter(gamma_));
}

AxisView RMSNormalization::View() const {
  if (axis_.given()) return axis_.View(input_.shape());
  return {batch(), input_shape_.size(), 1};
}

void RMSNormalization::OnForward(const ForwardArguments& /*arguments*/) {
  const AxisView view = View();
  inverse_rms_.Reset({view.positions()});
  RmsNorm(engine().pool(), view, input_.data(), epsilon_, gamma_.value.data(),
          inverse_rms_.data(), NewOutput());
}

void RMSNormalization::OnBackward(const Tensor& output_gradient,
                                  const BackwardArguments& arguments) {
  const AxisView view = View();
  RmsNormGammaGradient(engine().pool(), view, input_.data(),
                       inverse_rms_.data(), output_gradient.data(),
                       gamma_.gradient.data());
  if (!arguments.want_input_gradient) return;
  float* input_gradient = NewInputGradient();
  RmsNormInputGradient(engine().pool(), view, input_.data(),
                       inverse_rms_.data(), gamma_.value.data(),
                       output_gradient.data(),
                       engine().Workspace(view.positions()), input_gradient);
}

}  // namespace lamella
