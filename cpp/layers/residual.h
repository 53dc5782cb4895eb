#ifndef LAMELLA_LAYERS_RESIDUAL_H_
#define LAMELLA_LAYERS_RESIDUAL_H_

#include <memory>
#include <span>
#include <vector>

#include "layers/layer.h"

namespace lamella {

/// layers(input) + input, or layers(input) + shortcut(input) where the two
/// differ in shape (He, Zhang, Ren, Sun, "Deep residual learning for image
/// recognition", 2016, equations 1 and 2). Both are chains of layers; an empty
/// shortcut is the input itself.
///
/// Parameters and state have the names of the layers' own after
/// "layers_{i}_" or "shortcut_{i}_".
class Residual : public Layer {
 public:
  using Chain = std::vector<std::shared_ptr<Layer>>;

  /// Value error when `layers` is empty.
  Residual(Chain layers, Chain shortcut);

  std::string_view type() const override { return "Residual"; }
  std::vector<Parameter> Params() override;
  std::vector<NamedTensor> State() override;
  uint32_t params_version() const override;
  /// Freezes or thaws every layer inside.
  void set_trainable(bool trainable) override;
  void Seed(uint64_t seed, uint32_t index) override;
  std::vector<RandomStream*> RandomStreams() override;
  LayerRole role() const override { return LayerRole::kOtherActivation; }
  std::vector<std::span<const std::shared_ptr<Layer>>> Chains() const override {
    return {layers_, shortcut_};
  }
  void ReleaseActivations() override;
  void ReleaseGradient() override;

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  bool NeedsBuild() const override { return true; }
  void OnParamsLoaded() override;
  void OnForward(bool training) override;
  void OnBackward(const Tensor& output_gradient,
                  bool want_input_gradient) override;

 private:
  template <typename Visit>
  void ForEachLayer(Visit&& visit) const;

  Chain layers_;
  Chain shortcut_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_RESIDUAL_H_
