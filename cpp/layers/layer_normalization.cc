#include "layers/layer_normalization.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"
#include "kernels/layer_norm.h"
#include "kernels/reductions.h"

namespace lamella {

std::shared_ptr<Layer> LayerNormalization::FromConfig(ConfigReader& reader) {
  return std::make_shared<LayerNormalization>(reader.Number(
      "epsilon", 0, std::numeric_limits<double>::infinity(), 1e-5));
}

void LayerNormalization::OnBuild() {
  const Shape shape = input_shape_.Prepended(1);
  Tensor gamma(shape), beta(shape), gamma_gradient(shape), beta_gradient(shape);
  std::ranges::fill(gamma.values(), 1.0f);
  gamma_ = std::move(gamma);
  beta_ = std::move(beta);
  gamma_gradient_ = std::move(gamma_gradient);
  beta_gradient_ = std::move(beta_gradient);
  CountParamsChange();
}

std::vector<Parameter> LayerNormalization::Params() {
  if (!built()) ThrowStateError(Message("params are known after build()"));
  return {{"gamma", gamma_, gamma_gradient_}, {"beta", beta_, beta_gradient_}};
}

void LayerNormalization::WriteConfig(Config& config) const {
  config.Set("epsilon", epsilon_);
}

void LayerNormalization::OnForward(bool /*training*/) {
  output_.Reset(input_.shape());
  normalized_.Reset(input_.shape());
  inverse_deviation_.Reset({batch()});
  LayerNorm(batch(), input_shape_.size(), input_.data(), epsilon_,
            gamma_.data(), beta_.data(), normalized_.data(),
            inverse_deviation_.data(), output_.data());
}

void LayerNormalization::OnBackward(const Tensor& output_gradient,
                                    bool want_input_gradient) {
  const size_t features = input_shape_.size();
  LayerNormGammaGradient(batch(), features, normalized_.data(),
                         output_gradient.data(), gamma_gradient_.data());
  SumRows(output_gradient.data(), batch(), features, beta_gradient_.data());
  if (!want_input_gradient) return;
  input_gradient_.Reset(input_.shape());
  LayerNormInputGradient(batch(), features, normalized_.data(),
                         inverse_deviation_.data(), gamma_.data(),
                         output_gradient.data(), input_gradient_.data());
}

}  // namespace lamella
