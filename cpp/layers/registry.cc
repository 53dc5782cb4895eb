#include "layers/registry.h"

#include <algorithm>
#include <span>

#include "base/component.h"
#include "layers/activations.h"
#include "layers/batch_normalization.h"
#include "layers/convolutional.h"
#include "layers/dense.h"
#include "layers/dropout.h"
#include "layers/flatten.h"
#include "layers/further_layers.h"
#include "layers/global_average_pooling.h"
#include "layers/hard_swish.h"
#include "layers/layer_normalization.h"
#include "layers/pooling.h"
#include "layers/relu6.h"
#include "layers/reshape.h"

namespace lamella {
namespace {

constexpr ComponentClass kLayers[] = {
    Entry<Dense>(),
    Entry<Dropout>(),
    Entry<BatchNormalization>(),
    Entry<Convolutional>(),
    Entry<MaxPooling2D>(),
    Entry<AveragePooling2D>(),
    Entry<Flatten>(),
    Entry<BatchNormalization2D>(),
    Entry<ReLU>(),
    Entry<PReLU>(),
    Entry<ReLU6>(),
    Entry<Sigmoid>(),
    Entry<Tanh>(),
    Entry<Swish>(),
    Entry<HardSwish>(),
    Entry<Softmax>(),
    Entry<LeakyReLU>(),
    Entry<GELU>(),
    Entry<GlobalAveragePooling2D>(),
    Entry<LayerNormalization>(),
    Entry<Reshape>(),
};

}  // namespace

std::shared_ptr<Layer> CreateLayer(Engine& engine, std::string_view type,
                                   const Config& config) {
  ConfigReader reader(type, config);
  const auto further = FurtherLayers();
  const bool is_further = std::ranges::any_of(
      further,
      [type](const ComponentClass& each) { return each.type == type; });
  auto component = CreateComponent(
      "layer", is_further ? further : std::span<const ComponentClass>(kLayers),
      engine, reader);
  const std::vector<size_t> input_shape = reader.OptionalDims("inputShape");
  reader.Finish();
  std::shared_ptr<Layer> layer(static_cast<Layer*>(component.release()));
  if (!input_shape.empty()) layer->DeclareInputShape(Shape(input_shape));
  return layer;
}

}  // namespace lamella
