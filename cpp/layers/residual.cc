#include "layers/residual.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "kernels/elementwise.h"
#include "layers/guards.h"

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

Shape BuildChain(Layer::Chain chain, Shape shape) {
  for (const auto& layer : chain) {
    layer->Build(shape);
    shape = layer->output_shape();
  }
  return shape;
}

// The index of the i-th layer inside a block's: ten bits for the layers, then
// those of the block. Blocks within blocks within blocks have more than 31
// bits, of which a hash is left, apart from all that are as they are.
uint32_t InnerIndex(uint32_t block, uint32_t i) {
  constexpr uint32_t kBlocks = 1u << 20, kHashed = 1u << 30;
  if (block + 1 < kBlocks && i < 1u << 10) return (block + 1) << 10 | i;
  return kHashed | Philox({block, i, 0, 0}, {0, 0})[0] % kHashed;
}

}  // namespace

Residual::Residual(Engine& engine, Layers layers, size_t count)
    : Layer(engine, kType),
      all_(std::move(layers)),
      count_(std::min(count, all_.size())) {
  if (count == 0) Fail(ErrorKind::kValue, "needs at least one layer");
  if (Depth(*this) > kMaxDepth) {
    Fail(ErrorKind::kValue, "blocks may be nested {} deep", {kMaxDepth});
  }
  plan_.AddOutput(plan_.Append(this->layers(), plan_.input()));
  plan_.AddOutput(plan_.Append(shortcut(), plan_.input()));
  plan_.Decide();
}

std::string Residual::Name(size_t i, const std::string& name) const {
  return i < count_ ? Format("layers_{}_{}", {i, name})
                    : Format("shortcut_{}_{}", {i - count_, name});
}

void Residual::CollectParams(std::vector<Parameter>& params) {
  for (size_t i = 0; i < all_.size(); ++i) {
    for (Parameter& parameter : all_[i]->Params()) {
      parameter.name = Name(i, parameter.name);
      parameter.trainable = parameter.trainable && all_[i]->trainable();
      params.push_back(std::move(parameter));
    }
  }
}

void Residual::CollectState(std::vector<Parameter>& state) {
  CheckBuilt("state is");
  for (size_t i = 0; i < all_.size(); ++i) {
    for (const Parameter& tensor : all_[i]->State()) {
      state.push_back({Name(i, tensor.name), tensor.value});
    }
  }
}

uint32_t Residual::params_version() const {
  uint32_t version = Layer::params_version();
  for (const auto& layer : all_) version += layer->params_version();
  return version;
}

void Residual::set_trainable(bool trainable) {
  Layer::set_trainable(trainable);
  for (const auto& layer : all_) layer->set_trainable(trainable);
}

void Residual::Seed(const LayerSeed& seed) {
  for (size_t i = 0; i < all_.size(); ++i) {
    if (all_[i]->in_use()) continue;
    all_[i]->Seed(
        {seed.seed, InnerIndex(seed.index, static_cast<uint32_t>(i))});
  }
}

void Residual::SaveState() {
  for (const auto& layer : all_) layer->SaveState();
}

void Residual::RestoreState() {
  for (const auto& layer : all_) layer->RestoreState();
}

void Residual::ReleaseActivations() {
  Layer::ReleaseActivations();
  for (const auto& layer : all_ | std::views::reverse) {
    layer->ReleaseActivations();
  }
}

void Residual::ReleaseGradient() {
  Layer::ReleaseGradient();
  for (const auto& layer : all_) layer->ReleaseGradient();
}

Shape Residual::OutputShape(const Shape& input_shape) const {
  std::vector<std::shared_ptr<Layer>> all;
  CollectLayers(all_, all);
  BuildGuard guard(all);
  const Shape output = BuildChain(layers(), input_shape);
  const Shape carried = BuildChain(shortcut(), input_shape);
  if (!(output == carried)) {
    Fail(ErrorKind::kShape,
         "the layers make {} of {}, the shortcut {}; their shapes must agree, "
         "by a shortcut of layers where needed",
         {output, input_shape, carried});
  }
  guard.Done();
  return output;
}

void Residual::ParamsLoaded() {
  for (const auto& layer : all_) layer->ParamsLoaded();
}

void Residual::OnForward(const ForwardArguments& arguments) {
  Tensor ends[2];
  plan_.Forward(input_, arguments.training, ends);
  const auto& [output, carried] = ends;
  CheckUnchanged(carried, output.shape());
  output_.Reset(output.shape());
  Add(engine().pool(), output.data(), carried.data(), output_.data(),
      output_.size());
}

void Residual::OnBackward(const Tensor& output_gradient,
                          const BackwardArguments& arguments) {
  input_gradient_ = Tensor();
  input_gradient_ = plan_.Backward(std::array{output_gradient, output_gradient},
                                   arguments.want_input_gradient);
}

}  // namespace lamella
