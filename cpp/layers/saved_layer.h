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
  explicit SavedLayer(Layer& layer);
  void Restore() const;

 private:
  static std::vector<Tensor*> TensorsOf(Layer& layer);

  Layer* layer_;
  Shape input_shape_, output_shape_;
  bool built_;
  std::vector<Tensor> tensors_;
  std::optional<WeightedLayer::Drawing> drawing_;
  std::optional<RandomStream> random_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_SAVED_LAYER_H_
