#include "layers/weighted_layer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace lamella {

Initialization ParseInitialization(std::string_view owner,
                                   std::string_view name) {
  for (const Initialization each :
       {Initialization::kAuto, Initialization::kHe, Initialization::kXavier}) {
    if (InitializationName(each) == name) return each;
  }
  ThrowValueError(
      Cat(owner, ": initialization must be 'auto', 'he' or 'xavier', got '",
          name, "'"));
}

std::string_view InitializationName(Initialization initialization) {
  switch (initialization) {
    case Initialization::kAuto:
      return "auto";
    case Initialization::kHe:
      return "he";
    case Initialization::kXavier:
      break;
  }
  return "xavier";
}

void WeightedLayer::OnBuild() {
  // Allocated together and only then moved in, so that running out of memory
  // leaves the layer as it was.
  Tensor weights(WeightsShape()), weights_gradient(WeightsShape());
  Tensor biases, biases_gradient;
  if (!no_bias_) {
    biases = Tensor(BiasesShape());
    biases_gradient = Tensor(BiasesShape());
  }
  weights_ = std::move(weights);
  weights_gradient_ = std::move(weights_gradient);
  biases_ = std::move(biases);
  biases_gradient_ = std::move(biases_gradient);
  pristine_ = true;
  CountParamsChange();
  Draw();
}

void WeightedLayer::Draw() {
  const float gain = method_ == Initialization::kHe ? 2.0f : 1.0f;
  random_.FillNormal(weights_.values(),
                     std::sqrt(gain / static_cast<float>(FanIn())));
}

void WeightedLayer::InitWeights(Initialization method, bool no_bias) {
  if (!built()) ThrowStateError(Message("initWeights() needs build() before"));
  method_ = method;
  no_bias_ = no_bias;
  OnBuild();
  pristine_ = false;
}

void WeightedLayer::InitForModel(Initialization automatic, bool drop_bias) {
  if (!pristine_) return;
  if (initialization_ == Initialization::kAuto) {
    method_ = automatic;
    no_bias_ = no_bias_ || drop_bias;
  }
  if (built()) OnBuild();
}

void WeightedLayer::Seed(uint64_t seed, uint32_t index) {
  random_ = RandomStream(seed, RandomPurpose::kInitialization, index);
}

std::vector<Parameter> WeightedLayer::Params() {
  if (!built()) ThrowStateError(Message("params are known after build()"));
  std::vector<Parameter> params;
  params.push_back({std::string(weights_name_), weights_, weights_gradient_});
  if (!no_bias_) params.push_back({"biases", biases_, biases_gradient_});
  return params;
}

void WeightedLayer::WriteConfig(Config& config) const {
  config.Set("initialization", InitializationName(initialization_));
  config.Set("noBias", no_bias_);
}

}  // namespace lamella
