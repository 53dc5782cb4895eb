#ifndef LAMELLA_LAYERS_RESIDUAL_H_
#define LAMELLA_LAYERS_RESIDUAL_H_

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "layers/plan.h"

namespace lamella {

/// layers(input) + input, or layers(input) + shortcut(input) where the two
/// differ in shape (He, Zhang, Ren, Sun, "Deep residual learning for image
/// recognition", 2016, equations 1 and 2). Both are chains of layers; an empty
/// shortcut is the input itself.
///
/// Parameters and state have the names of the layers' own after
/// "layers_{i}_" or "shortcut_{i}_".
class Residual final : public Layer {
 public:
  static constexpr std::string_view kType = "Residual";

  using Layers = std::vector<std::shared_ptr<Layer>>;

  /// The first `count` are the layers, the others those of the shortcut. Value
  /// error when `count` is 0 or blocks are nested deeper than 64, since passes
  /// through them take stack.
  Residual(Engine& engine, Layers layers, size_t count);

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
  std::array<Chain, 2> Chains() const override {
    return {layers(), shortcut()};
  }
  void ReleaseActivations() override;
  void ReleaseGradient() override;

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void CollectParams(std::vector<Parameter>& params) override;
  void CollectState(std::vector<Parameter>& state) override;
  bool NeedsBuild() const override { return true; }
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  Chain layers() const { return Chain(all_).first(count_); }
  Chain shortcut() const { return Chain(all_).subspan(count_); }
  /// The container's name for a parameter of its i-th layer.
  std::string Name(size_t i, const std::string& name) const;

  /// The layers, then those of the shortcut.
  Layers all_;
  size_t count_;
  Plan plan_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_RESIDUAL_H_
