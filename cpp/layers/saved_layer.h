// Layers as they were before a build or new weights.
#ifndef LAMELLA_LAYERS_SAVED_LAYER_H_
#define LAMELLA_LAYERS_SAVED_LAYER_H_

#include <optional>
#include <vector>

#include "layers/layer.h"
#include "layers/weighted_layer.h"

namespace lamella {

/// Shapes, parameters and random numbers of a layer, for `Restore` to put back.
/// It undoes a build and new weights, which replace tensors; not training,
/// which writes into them.
class SavedLayer {
 public:
  /// Keeps what the layer is now. The layer must outlive it.
  explicit SavedLayer(Layer& layer);

  /// Puts it back, once, for which it takes no memory: there may be none.
  void Restore();

  /// Makes a layer's parameters and state those of another one of the same
  /// configuration and shapes; its gradients stay its own. Both are built.
  static void Share(Layer& from, Layer& to);

 private:
  Layer* layer_;
  Shape input_shape_, output_shape_;
  bool built_;
  /// The places of the layer's tensors, and their values then.
  std::vector<Tensor*> places_;
  std::vector<Tensor> tensors_;
  std::optional<WeightedLayer::Drawing> drawing_;
  std::optional<RandomStream> random_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_SAVED_LAYER_H_
