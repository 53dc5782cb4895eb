#include "layers/weighted_layer.h"

#include <bit>
#include <cmath>
#include <cstdint>
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
      drawing_{.method = initialization_,
               .no_bias = reader.Bool("noBias", false)} {}

void WeightedLayer::OnBuild() {
  // Allocated together and only then moved in, so that running out of memory
  // leaves the layer as it was.
  Parameter weights(weights_name_, WeightsShape()), biases;
  if (!drawing_.no_bias) biases = Parameter("biases", BiasesShape(), false);
  weights_ = std::move(weights);
  biases_ = std::move(biases);
  drawing_.as_drawn = true;
  CountParamsChange();
  Draw();
}

void WeightedLayer::Draw() {
  const float gain = drawing_.method == Initialization::kHe ? 2.0f : 1.0f;
  drawing_.random.FillNormal(weights_.value.values(),
                             std::sqrt(gain / static_cast<float>(FanIn())));
  drawing_.fingerprint = Fingerprint();
}

uint64_t WeightedLayer::Fingerprint() const {
  // FNV-1a over words of 32 bits.
  uint64_t hash = 0xCBF29CE484222325;
  for (const Parameter* parameter : {&weights_, &biases_}) {
    for (const float value : parameter->value.values()) {
      hash = (hash ^ std::bit_cast<uint32_t>(value)) * 0x100000001B3;
    }
  }
  return hash;
}

void WeightedLayer::InitWeights(Initialization method, bool no_bias) {
  if (!built()) Fail(ErrorKind::kState, "initWeights() needs build() before");
  // Its end takes the change back unless all went well, also when an error of
  // JavaScript ends the building.
  struct Trial {
    Drawing& drawing;
    const Drawing before = drawing;
    bool done = false;
    ~Trial() {
      if (!done) drawing = before;
    }
  } trial{drawing_};
  drawing_.method = method;
  drawing_.no_bias = no_bias;
  OnBuild();
  trial.done = true;
  drawing_.as_drawn = false;
}

void WeightedLayer::InitForModel(Initialization automatic, bool drop_bias) {
  if (!drawing_.as_drawn || in_use()) return;
  if (built() && Fingerprint() != drawing_.fingerprint) return;
  if (initialization_ == Initialization::kAuto) {
    drawing_.method = automatic;
    drawing_.no_bias = drawing_.no_bias || drop_bias;
  }
  if (built()) OnBuild();
}

void WeightedLayer::Seed(uint64_t seed, uint32_t index) {
  drawing_.random = RandomStream(seed, RandomPurpose::kInitialization, index);
}

void WeightedLayer::CollectBuilt(std::vector<Tensor*>& tensors) {
  for (Parameter* parameter : {&weights_, &biases_}) {
    tensors.push_back(&parameter->value);
    tensors.push_back(&parameter->gradient);
  }
}

void WeightedLayer::CollectParams(std::vector<Parameter>& params) {
  params.push_back(Parameter(weights_));
  if (!drawing_.no_bias) params.push_back(Parameter(biases_));
}

void WeightedLayer::WriteConfig(Config& config) const {
  config.Set("initialization", InitializationName(initialization_));
  config.Set("noBias", drawing_.no_bias);
}

}  // namespace lamella
