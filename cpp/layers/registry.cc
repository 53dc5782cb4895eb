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

// The base class's pointer, so that there is one type of shared pointer.
template <typename LayerClass>
std::unique_ptr<Layer> Make(ConfigReader& reader) {
  return std::make_unique<LayerClass>(reader);
}

struct Entry {
  std::string_view type;
  std::unique_ptr<Layer> (*make)(ConfigReader& reader);
};

constexpr Entry kLayers[] = {
    {"Dense", Make<Dense>},
    {"Dropout", Make<Dropout>},
    {"BatchNormalization", Make<BatchNormalization>},
    {"Convolutional", Make<Convolutional>},
    {"MaxPooling2D", Make<MaxPooling2D>},
    {"AveragePooling2D", Make<AveragePooling2D>},
    {"Flatten", Make<Flatten>},
    {"BatchNormalization2D", Make<BatchNormalization>},
    {"ReLU", Make<PlainActivation>},
    {"PReLU", Make<PReLU>},
    {"Sigmoid", Make<PlainActivation>},
    {"Tanh", Make<PlainActivation>},
    {"Swish", Make<PlainActivation>},
    {"Softmax", Make<Softmax>},
    {"LeakyReLU", Make<PReLU>},
    {"GELU", Make<PlainActivation>},
    {"GlobalAveragePooling2D", Make<GlobalAveragePooling2D>},
    {"LayerNormalization", Make<LayerNormalization>},
    {"Reshape", Make<Reshape>},
};

}  // namespace

std::shared_ptr<Layer> CreateLayer(std::string_view type,
                                   const Config& config) {
  for (const Entry& entry : kLayers) {
    if (entry.type != type) continue;
    ConfigReader reader(type, config);
    std::shared_ptr<Layer> layer = entry.make(reader);
    const std::vector<size_t> input_shape = reader.OptionalDims("inputShape");
    reader.Finish();
    if (!input_shape.empty()) layer->DeclareInputShape(Shape(input_shape));
    return layer;
  }
  ThrowValueError("unknown layer type '{}'", {type});
}

}  // namespace lamella
