#include "layers/group_normalization.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace lamella {

GroupNormalization::GroupNormalization(Engine& engine, ConfigReader& reader)
    : Layer(engine, kType),
      groups_(reader.Integer("groups", 1, 32)),
      epsilon_(reader.Number("epsilon", 0,
                             std::numeric_limits<double>::infinity(), 1e-3)),
      axis_(kType, reader) {}

void GroupNormalization::WriteConfig(Config& config) const {
  config.Set("groups", groups_);
  config.Set("epsilon", epsilon_);
  axis_.WriteConfig(config);
}

Shape GroupNormalization::OutputShape(const Shape& input_shape) const {
  const size_t channels = input_shape[axis_.Index(input_shape)];
  if (channels % groups_ != 0) {
    Fail(ErrorKind::kShape,
         "groups must divide the channels, got {} groups for {} channels of "
         "input shape {}",
         {groups_, channels, input_shape});
  }
  return input_shape;
}

void GroupNormalization::OnBuild() {
  const Shape shape = {1, input_shape_[axis_.Index(input_shape_)]};
  // Allocated together and only then moved in, as in BatchNormalization.
  Parameter gamma(engine(), "gamma", shape, false);
  Parameter beta(engine(), "beta", shape, false);
  std::ranges::fill(gamma.value.values(), 1.0f);
  gamma_ = std::move(gamma);
  beta_ = std::move(beta);
  CountParamsChange();
}

void GroupNormalization::CollectBuilt(std::vector<Tensor*>& tensors) {
  for (Parameter* parameter : {&gamma_, &beta_}) {
    tensors.push_back(&parameter->value);
    tensors.push_back(&parameter->gradient);
  }
}

void GroupNormalization::CollectParams(std::vector<Parameter>& params) {
  params.push_back(Parameter(gamma_));
  params.push_back(Parameter(beta_));
}

GroupNormGeometry GroupNormalization::Geometry() const {
  const auto [outer, channels, inner] = axis_.View(input_.shape());
  return {.batch = batch(),
          .outer = outer / batch(),
          .channels = channels,
          .inner = inner,
          .groups = groups_};
}

GroupMoments GroupNormalization::LastMoments() {
  return {.mean = mean_.data(),
          .mean_rest = mean_rest_.data(),
          .inverse_deviation = inverse_deviation_.data()};
}

void GroupNormalization::OnForward(const ForwardArguments& /*arguments*/) {
  const GroupNormGeometry geometry = Geometry();
  for (Tensor* tensor : {&mean_, &mean_rest_, &inverse_deviation_}) {
    tensor->Reset({geometry.batch, geometry.channels});
  }
  GroupNorm(engine().pool(), geometry, input_.data(), epsilon_,
            gamma_.value.data(), beta_.value.data(), LastMoments(),
            NewOutput());
}

void GroupNormalization::OnBackward(const Tensor& output_gradient,
                                    const BackwardArguments& arguments) {
  const GroupNormGeometry geometry = Geometry();
  float* input_gradient =
      arguments.want_input_gradient ? NewInputGradient() : nullptr;
  GroupNormGradient(engine().pool(), geometry, input_.data(), LastMoments(),
                    gamma_.value.data(), output_gradient.data(),
                    engine().Workspace(GroupNormGradientWorkspace(geometry)),
                    gamma_.gradient.data(), beta_.gradient.data(),
                    input_gradient);
}

}  // namespace lamella
