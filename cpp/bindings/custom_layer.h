#ifndef LAMELLA_BINDINGS_CUSTOM_LAYER_H_
#define LAMELLA_BINDINGS_CUSTOM_LAYER_H_

#include <emscripten/val.h>

#include <string_view>
#include <vector>

#include "layers/layer.h"

namespace lamella::bindings {

EMSCRIPTEN_DECLARE_VAL_TYPE(LayerAdapter);

/// A layer written in TypeScript, as the engine sees it. Each of its methods is
/// one of the adapter's, which refers to the layer weakly: the JavaScript model
/// holds the layer, and is collected with it once it is forgotten.
class CustomLayer : public Layer {
 public:
  CustomLayer(Engine& engine, std::string_view type, LayerAdapter adapter);

  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.role = LayerRole::kOtherActivation,
                                            .mixes_samples = true};
    return kTraits;
  }
  /// It may hold hidden state, so it must see every backward pass, and every
  /// batch as a whole.
  bool learns() const override { return true; }

  /// Another one each time: it may return other parameters in every step.
  uint32_t params_version() const override { return ++asked_; }

 protected:
  void CollectParams(std::vector<Parameter>& params) override;
  void CollectState(std::vector<Parameter>& state) override;
  Shape OutputShape(const Shape& input_shape) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  LayerAdapter adapter_;
  mutable uint32_t asked_ = 0;
};

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_CUSTOM_LAYER_H_
