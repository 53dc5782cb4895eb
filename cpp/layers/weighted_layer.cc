#include "layers/weighted_layer.h"

#include <bit>
#include <cstdint>
#include <utility>

namespace lamella {

WeightedLayer::WeightedLayer(Engine& engine, std::string_view type,
                             ConfigReader& reader)
    : Layer(engine, type),
      initialization_(
          ParseInitialization(type, reader.Text("initialization", "auto"))),
      drawing_{.method = initialization_,
               .no_bias = reader.Bool("noBias", false),
               .random = {0, RandomPurpose::kInitialization,
                          engine.NextStandaloneIndex()}} {}

void NewWeights::Add(const WeightSpec& spec) {
  Parameter weight(engine, spec.name, spec.shape, spec.decays);
  const bool is_own = spec.initialization != Initialization::kAuto;
  Draw(engine, is_own ? spec.initialization : method, spec.fan_in, spec.fan_out,
       random, weight.value);
  parameters.push_back(std::move(weight));
}

void WeightedLayer::OnBuild() {
  // Made together and only then moved in, so that running out of memory leaves
  // the layer as it was.
  NewWeights weights{
      .engine = engine(), .method = drawing_.method, .random = drawing_.random};
  DeclareWeights(weights);
  drawing_.weights = std::move(weights.parameters);
  drawing_.random = weights.random;
  drawing_.as_drawn = true;
  drawing_.fingerprint = Fingerprint();
  CountParamsChange();
}

uint64_t WeightedLayer::Fingerprint() const {
  // FNV-1a over words of 32 bits.
  uint64_t hash = 0xCBF29CE484222325;
  for (const Parameter& weight : drawing_.weights) {
    for (const float value : weight.value.values()) {
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
    Drawing before = drawing;
    bool done = false;
    ~Trial() {
      if (!done) drawing = std::move(before);
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

void WeightedLayer::Seed(const LayerSeed& seed) {
  drawing_.random =
      RandomStream(seed.seed, RandomPurpose::kInitialization, seed.index);
}

void WeightedLayer::CollectParams(std::vector<Parameter>& params) {
  for (const Parameter& weight : drawing_.weights) {
    params.push_back(Parameter(weight));
  }
}

void WeightedLayer::WriteConfig(Config& config) const {
  config.Set("initialization", InitializationName(initialization_));
  config.Set("noBias", drawing_.no_bias);
}

}  // namespace lamella
