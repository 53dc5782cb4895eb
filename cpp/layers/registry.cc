#include "layers/registry.h"

#include "base/component.h"
#include "layers/activations.h"
#include "layers/batch_normalization.h"
#include "layers/convolutional.h"
#include "layers/dense.h"
#include "layers/dropout.h"
#include "layers/flatten.h"
#include "layers/global_average_pooling.h"
#include "layers/layer_normalization.h"
#include "layers/pooling.h"
#include "layers/reshape.h"

namespace lamella {
namespace {

constexpr ComponentClass kLayers[] = {
    {"Dense", MakeComponent<Dense>},
    {"Dropout", MakeComponent<Dropout>},
    {"BatchNormalization", MakeComponent<BatchNormalization>},
    {"Convolutional", MakeComponent<Convolutional>},
    {"MaxPooling2D", MakeComponent<MaxPooling2D>},
    {"AveragePooling2D", MakeComponent<AveragePooling2D>},
    {"Flatten", MakeComponent<Flatten>},
    {"BatchNormalization2D", MakeComponent<BatchNormalization>},
    {"ReLU", MakeComponent<PlainActivation>},
    {"PReLU", MakeComponent<PReLU>},
    {"Sigmoid", MakeComponent<PlainActivation>},
    {"Tanh", MakeComponent<PlainActivation>},
    {"Swish", MakeComponent<PlainActivation>},
    {"Softmax", MakeComponent<Softmax>},
    {"LeakyReLU", MakeComponent<PReLU>},
    {"GELU", MakeComponent<PlainActivation>},
    {"GlobalAveragePooling2D", MakeComponent<GlobalAveragePooling2D>},
    {"LayerNormalization", MakeComponent<LayerNormalization>},
    {"Reshape", MakeComponent<Reshape>},
};

}  // namespace

std::shared_ptr<Layer> CreateLayer(std::string_view type,
                                   const Config& config) {
  ConfigReader reader(type, config);
  auto component = CreateComponent("layer", kLayers, reader);
  const std::vector<size_t> input_shape = reader.OptionalDims("inputShape");
  reader.Finish();
  std::shared_ptr<Layer> layer(static_cast<Layer*>(component.release()));
  if (!input_shape.empty()) layer->DeclareInputShape(Shape(input_shape));
  return layer;
}

}  // namespace lamella
