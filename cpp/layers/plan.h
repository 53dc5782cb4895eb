// Layers in a row, as models and containers have them.
#ifndef LAMELLA_LAYERS_PLAN_H_
#define LAMELLA_LAYERS_PLAN_H_

#include <memory>
#include <vector>

#include "layers/layer.h"

namespace lamella {

/// Appends the layers of a model's chain and those inside them, each before its
/// own, to `all`, which is empty. Value error when one is there twice.
void CollectLayers(Layer::Chain chain,
                   std::vector<std::shared_ptr<Layer>>& all);

/// The way through layers in a row, decided once: a ReLU is done by the layer
/// before it in forward passes and by the one after it in backward passes,
/// where those can.
class Plan {
 public:
  Plan() = default;
  /// The layers must outlive it.
  explicit Plan(Layer::Chain chain);

  /// Forward pass through the layers, all built. Returns the output of the last
  /// one, or `input` when there is none.
  const Tensor& Forward(const Tensor& input, bool training) const;

  /// Backward pass for the last `Forward`. Returns the gradient with respect to
  /// the input. Unless `want_input_gradient`, it is unspecified, and layers at
  /// the front that learn nothing are left out.
  const Tensor& Backward(const Tensor& output_gradient,
                         bool want_input_gradient) const;

 private:
  struct Step {
    Layer* layer;
    /// Whether it does the work of the ReLU after it and of the one before it.
    bool rectifies_output = false;
    bool rectifies_gradient = false;
  };

  std::vector<Step> steps_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_PLAN_H_
