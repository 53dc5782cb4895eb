#include "layers/layer_normalization.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "kernels/elementwise.h"
#include "kernels/layer_norm.h"
#include "kernels/reductions.h"
#include "kernels/transpose.h"

namespace lamella {

LayerNormalization::LayerNormalization(Engine& engine, ConfigReader& reader)
    : Layer(engine, kType),
      epsilon_(reader.Number("epsilon", 0,
                             std::numeric_limits<double>::infinity(), 1e-5)),
      axis_(kType, reader) {}

Shape LayerNormalization::OutputShape(const Shape& input_shape) const {
  if (axis_.given()) axis_.Index(input_shape);
  return input_shape;
}

void LayerNormalization::OnBuild() {
  Shape shape = input_shape_.Prepended(1);
  if (axis_.given()) shape = {1, axis_.View(shape).size};
  // Allocated together and only then moved in, as in BatchNormalization.
  Parameter gamma(engine(), "gamma", shape, false);
  Parameter beta(engine(), "beta", shape, false);
  std::ranges::fill(gamma.value.values(), 1.0f);
  gamma_ = std::move(gamma);
  beta_ = std::move(beta);
  CountParamsChange();
}

void LayerNormalization::CollectBuilt(std::vector<Tensor*>& tensors) {
  for (Parameter* parameter : {&gamma_, &beta_}) {
    tensors.push_back(&parameter->value);
    tensors.push_back(&parameter->gradient);
  }
}

void LayerNormalization::CollectParams(std::vector<Parameter>& params) {
  params.push_back(Parameter(gamma_));
  params.push_back(Parameter(beta_));
}

void LayerNormalization::WriteConfig(Config& config) const {
  config.Set("epsilon", epsilon_);
  axis_.WriteConfig(config);
}

AxisView LayerNormalization::View() const {
  if (axis_.given()) return axis_.View(input_.shape());
  return {batch(), input_shape_.size(), 1};
}

void LayerNormalization::OnForward(const ForwardArguments& /*arguments*/) {
  const AxisView view = View();
  const auto [outer, features, inner] = view;
  float* output = NewOutput();
  normalized_.Reset({view.positions(), features});
  inverse_deviation_.Reset({view.positions()});
  const float* x = input_.data();
  float* y = output;
  if (inner > 1) {
    // Position after position, as the kernel wants them.
    y = engine().Workspace(input_.size());
    Transpose(x, outer, features, inner, y);
    x = y;
  }
  LayerNorm(engine().pool(), view.positions(), features, x, epsilon_,
            gamma_.value.data(), beta_.value.data(), normalized_.data(),
            inverse_deviation_.data(), y);
  if (inner > 1) Transpose(y, outer, inner, features, output);
}

void LayerNormalization::OnBackward(const Tensor& output_gradient,
                                    const BackwardArguments& arguments) {
  const AxisView view = View();
  const auto [outer, features, inner] = view;
  const size_t positions = view.positions(), size = output_gradient.size();
  float* products = engine().Workspace(inner > 1 ? 2 * size : size);
  const float* gradient = output_gradient.data();
  float* ordered = products + size;
  if (inner > 1) {
    Transpose(gradient, outer, features, inner, ordered);
    gradient = ordered;
  }
  Multiply(engine().pool(), gradient, normalized_.data(), products, size);
  SumRows(products, positions, features, gamma_.gradient.data());
  SumRows(gradient, positions, features, beta_.gradient.data());
  if (!arguments.want_input_gradient) return;
  float* input_gradient = NewInputGradient();
  LayerNormInputGradient(engine().pool(), positions, features,
                         normalized_.data(), inverse_deviation_.data(),
                         gamma_.value.data(), gradient,
                         inner > 1 ? ordered : input_gradient);
  if (inner > 1) Transpose(ordered, outer, inner, features, input_gradient);
}

}  // namespace lamella
