#include "layers/registry.h"

#include "base/error.h"
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

struct Entry {
  std::string_view type;
  std::shared_ptr<Layer> (*from_config)(ConfigReader& reader);
};

constexpr Entry kLayers[] = {
    {"Dense", Dense::FromConfig},
    {"Dropout", Dropout::FromConfig},
    {"BatchNormalization", BatchNormalization::FromConfig},
    {"Convolutional", Convolutional::FromConfig},
    {"MaxPooling2D", MaxPooling2D::FromConfig},
    {"AveragePooling2D", AveragePooling2D::FromConfig},
    {"Flatten", Flatten::FromConfig},
    {"BatchNormalization2D", BatchNormalization2D::FromConfig},
    {"ReLU", ReLU::FromConfig},
    {"PReLU", PReLU::FromConfig},
    {"Sigmoid", Sigmoid::FromConfig},
    {"Tanh", Tanh::FromConfig},
    {"Swish", Swish::FromConfig},
    {"Softmax", Softmax::FromConfig},
    {"LeakyReLU", LeakyReLU::FromConfig},
    {"GELU", GELU::FromConfig},
    {"GlobalAveragePooling2D", GlobalAveragePooling2D::FromConfig},
    {"LayerNormalization", LayerNormalization::FromConfig},
    {"Reshape", Reshape::FromConfig},
};

}  // namespace

std::shared_ptr<Layer> CreateLayer(std::string_view type,
                                   const Config& config) {
  for (const Entry& entry : kLayers) {
    if (entry.type != type) continue;
    ConfigReader reader(type, config);
    std::shared_ptr<Layer> layer = entry.from_config(reader);
    const auto input_shape = reader.OptionalDims("inputShape");
    reader.Finish();
    if (input_shape.has_value()) {
      layer->DeclareInputShape(Shape(*input_shape));
    }
    return layer;
  }
  ThrowValueError(Cat("unknown layer type '", type, "'"));
}

}  // namespace lamella
