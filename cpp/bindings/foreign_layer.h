#ifndef LAMELLA_BINDINGS_FOREIGN_LAYER_H_
#define LAMELLA_BINDINGS_FOREIGN_LAYER_H_

#include "bindings/adapter.h"
#include "layers/layer.h"

namespace lamella::bindings {

/// A layer written in TypeScript, seen from the engine: `ForeignLayerAdapter`
/// of native.ts. Whether it is trainable, its parameters say.
class ForeignLayer : public Layer {
 public:
  ForeignLayer(std::string_view type, AdapterId adapter);

  LayerRole role() const override { return LayerRole::kOtherActivation; }
  /// What it keeps to itself nobody knows.
  bool learns() const override { return true; }
  bool mixes_samples() const override { return true; }

  /// Never the same twice: the parameters are asked for in every step.
  uint32_t params_version() const override { return ++asked_; }

 protected:
  void CollectParams(std::vector<Parameter>& params) override;
  void CollectState(std::vector<Parameter>& state) override;
  Shape OutputShape(const Shape& input_shape) const override;
  void OnForward(bool training) override;
  void OnBackward(const Tensor& output_gradient,
                  bool want_input_gradient) override;

 private:
  Adapter adapter_;
  mutable uint32_t asked_ = 0;
};

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_FOREIGN_LAYER_H_
