#include "layers/container.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace lamella {
namespace {

constexpr size_t kMaxDepth = 64;

size_t Depth(const Layer& layer) {
  size_t deepest = 0;
  for (const auto& chain : layer.Chains()) {
    for (const auto& inner : chain) deepest = std::max(deepest, Depth(*inner));
  }
  return deepest + 1;
}

}  // namespace

uint32_t InnerIndex(uint32_t block, uint32_t i) {
  constexpr uint32_t kBlocks = 1u << 20, kHashed = 1u << 30;
  if (block + 1 < kBlocks && i < 1u << 10) return (block + 1) << 10 | i;
  return kHashed | Philox({block, i, 0, 0}, {0, 0})[0] % kHashed;
}

Container::Container(Engine& engine, std::string_view type, Layers layers)
    : Layer(engine, type), all_(std::move(layers)) {
  size_t deepest = 0;
  for (const auto& layer : all_) deepest = std::max(deepest, Depth(*layer));
  if (deepest >= kMaxDepth) {
    Fail(ErrorKind::kValue, "blocks may be nested {} deep", {kMaxDepth});
  }
}

void Container::CollectParams(std::vector<Parameter>& params) {
  for (size_t i = 0; i < all_.size(); ++i) {
    for (Parameter& parameter : all_[i]->Params()) {
      parameter.name = Name(i, parameter.name);
      parameter.trainable = parameter.trainable && all_[i]->trainable();
      params.push_back(std::move(parameter));
    }
  }
}

void Container::CollectState(std::vector<Parameter>& state) {
  CheckBuilt("state is");
  for (size_t i = 0; i < all_.size(); ++i) {
    for (const Parameter& tensor : all_[i]->State()) {
      state.push_back({Name(i, tensor.name), tensor.value});
    }
  }
}

uint32_t Container::params_version() const {
  uint32_t version = Layer::params_version();
  for (const auto& layer : all_) version += layer->params_version();
  return version;
}

void Container::set_trainable(bool trainable) {
  Layer::set_trainable(trainable);
  for (const auto& layer : all_) layer->set_trainable(trainable);
}

void Container::Seed(const LayerSeed& seed) {
  for (size_t i = 0; i < all_.size(); ++i) {
    if (all_[i]->in_use()) continue;
    all_[i]->Seed(
        {seed.seed, InnerIndex(seed.index, static_cast<uint32_t>(i))});
  }
}

void Container::SaveState() {
  for (const auto& layer : all_) layer->SaveState();
}

void Container::RestoreState() {
  for (const auto& layer : all_) layer->RestoreState();
}

void Container::ReleaseActivations() {
  Layer::ReleaseActivations();
  for (const auto& layer : all_ | std::views::reverse) {
    layer->ReleaseActivations();
  }
}

void Container::ReleaseGradient() {
  Layer::ReleaseGradient();
  for (const auto& layer : all_) layer->ReleaseGradient();
}

void Container::ParamsLoaded() {
  for (const auto& layer : all_) layer->ParamsLoaded();
}

}  // namespace lamella
