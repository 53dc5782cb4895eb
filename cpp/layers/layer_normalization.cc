#include "layers/layer_normalization.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "kernels/elementwise.h"
#include "kernels/layer_norm.h"
#include "kernels/reductions.h"
#include "tensor/workspace.h"

namespace lamella {

LayerNormalization::LayerNormalization(ConfigReader& reader)
    : Layer(kType),
      epsilon_(reader.Number("epsilon", 0,
                             std::numeric_limits<double>::infinity(), 1e-5)) {}

void LayerNormalization::OnBuild() {
  const Shape shape = input_shape_.Prepended(1);
  // Allocated together and only then moved in, as in BatchNormalization.
  Parameter gamma("gamma", shape), beta("beta", shape);
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
}

void LayerNormalization::OnForward(bool /*training*/) {
  float* output = NewOutput();
  normalized_.Reset(input_.shape());
  inverse_deviation_.Reset({batch()});
  LayerNorm(batch(), input_shape_.size(), input_.data(), epsilon_,
            gamma_.value.data(), beta_.value.data(), normalized_.data(),
            inverse_deviation_.data(), output);
}

void LayerNormalization::OnBackward(const Tensor& output_gradient,
                                    bool want_input_gradient) {
  const size_t features = input_shape_.size();
  float* products = Workspace(output_gradient.size());
  Multiply(output_gradient.data(), normalized_.data(), products,
           output_gradient.size());
  SumRows(products, batch(), features, gamma_.gradient.data());
  SumRows(output_gradient.data(), batch(), features, beta_.gradient.data());
  if (!want_input_gradient) return;
  float* input_gradient = NewInputGradient();
  LayerNormInputGradient(batch(), features, normalized_.data(),
                         inverse_deviation_.data(), gamma_.value.data(),
                         output_gradient.data(), input_gradient);
}

}  // namespace lamella
