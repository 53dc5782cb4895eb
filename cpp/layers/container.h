#ifndef LAMELLA_LAYERS_CONTAINER_H_
#define LAMELLA_LAYERS_CONTAINER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "layers/layer.h"

namespace lamella {

/// The index of the i-th layer inside a block's: ten bits for the layers, then
/// those of the block. Blocks within blocks within blocks have more than 31
/// bits, of which a hash is left, apart from all that are as they are.
uint32_t InnerIndex(uint32_t block, uint32_t i);

/// A layer that is made of others, which it owns. Its parameters and state are
/// theirs, under names of the container's.
class Container : public Layer {
 public:
  using Layers = std::vector<std::shared_ptr<Layer>>;

  uint32_t params_version() const override;
  void ParamsLoaded() override;
  /// Freezes or thaws every layer inside.
  void set_trainable(bool trainable) override;
  void Seed(const LayerSeed& seed) override;
  void SaveState() override;
  void RestoreState() override;
  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.role =
                                                LayerRole::kOtherActivation};
    return kTraits;
  }
  void ReleaseActivations() override;
  void ReleaseGradient() override;

 protected:
  /// Value error when containers are nested deeper than 64, since passes
  /// through them take stack.
  Container(Engine& engine, std::string_view type, Layers layers);

  const Layers& all() const { return all_; }

  /// The container's name for a parameter of its i-th layer.
  virtual std::string Name(size_t i, const std::string& name) const = 0;

  void CollectParams(std::vector<Parameter>& params) override;
  void CollectState(std::vector<Parameter>& state) override;
  bool NeedsBuild() const override { return true; }

 private:
  Layers all_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_CONTAINER_H_
