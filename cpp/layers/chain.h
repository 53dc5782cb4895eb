// Layers in a row, as models and containers have them.
#ifndef LAMELLA_LAYERS_CHAIN_H_
#define LAMELLA_LAYERS_CHAIN_H_

#include <memory>
#include <vector>

#include "layers/layer.h"

namespace lamella {

/// Appends the layers of a model's chain and those inside them, each before its
/// own, to `all`, which is empty. Value error when one is there twice.
void CollectLayers(Layer::Chain chain,
                   std::vector<std::shared_ptr<Layer>>& all);

/// Forward pass through a chain of layers, all built. Returns the output of
/// the last one, or `input` when there is none. A ReLU is done by the layer
/// before it where that one can.
const Tensor& ForwardChain(Layer::Chain chain, const Tensor& input,
                           bool training);

/// Backward pass for the last `ForwardChain`. Returns the gradient with respect
/// to the input. Unless `want_input_gradient`, it is unspecified, and layers at
/// the front that learn nothing are left out. A ReLU is done by the layer after
/// it where that one can.
const Tensor& BackwardChain(Layer::Chain chain, const Tensor& output_gradient,
                            bool want_input_gradient);

}  // namespace lamella

#endif  // LAMELLA_LAYERS_CHAIN_H_
