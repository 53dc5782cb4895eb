#include "layers/weighted_layer.h"

#include <cmath>
#include <utility>

namespace lamella {

Initialization ParseInitialization(std::string_view owner,
                                   std::string_view name) {
  for (const Initialization each :
       {Initialization::kAuto, Initialization::kHe, Initialization::kXavier}) {
    if (InitializationName(each) == name) return each;
  }
  ThrowValueError(
      "{}: initialization must be 'auto', 'he' or 'xavier', got '{}'",
      {owner, name});
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

WeightedLayer::WeightedLayer(std::string_view type,
                             std::string_view weights_name,
                             ConfigReader& reader)
    : Layer(type),
      weights_name_(weights_name),
      initialization_(
          ParseInitialization(type, reader.Text("initialization", "auto"))),
      method_(initialization_),
      no_bias_(reader.Bool("noBias", false)) {}

void WeightedLayer::OnBuild() {
  // Allocated together and only then moved in, so that running out of memory
  // leaves the layer as it was.
  Parameter weights(weights_name_, WeightsShape()), biases;
  if (!no_bias_) biases = Parameter("biases", BiasesShape());
  weights_ = std::move(weights);
  biases_ = std::move(biases);
  weights_as_drawn_ = true;
  CountParamsChange();
  Draw();
}

void WeightedLayer::Draw() {
  const float gain = method_ == Initialization::kHe ? 2.0f : 1.0f;
  random_.FillNormal(weights_.value.values(),
                     std::sqrt(gain / static_cast<float>(FanIn())));
}

void WeightedLayer::InitWeights(Initialization method, bool no_bias) {
  if (!built()) Fail(ErrorKind::kState, "initWeights() needs build() before");
  method_ = method;
  no_bias_ = no_bias;
  OnBuild();
  weights_as_drawn_ = false;
}

void WeightedLayer::InitForModel(Initialization automatic, bool drop_bias) {
  if (!weights_as_drawn_) return;
  if (initialization_ == Initialization::kAuto) {
    method_ = automatic;
    no_bias_ = no_bias_ || drop_bias;
  }
  if (built()) OnBuild();
}

void WeightedLayer::Seed(uint64_t seed, uint32_t index) {
  random_ = RandomStream(seed, RandomPurpose::kInitialization, index);
}

void WeightedLayer::CollectParams(std::vector<Parameter>& params) {
  params.push_back(Parameter(weights_));
  if (!no_bias_) params.push_back(Parameter(biases_));
}

void WeightedLayer::WriteConfig(Config& config) const {
  config.Set("initialization", InitializationName(initialization_));
  config.Set("noBias", no_bias_);
}

}  // namespace lamella
