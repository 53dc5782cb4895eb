// Layers in JavaScript's hands.

#include "layers/layer.h"

#include <emscripten/bind.h>

#include <optional>

#include "bindings/custom_layer.h"
#include "bindings/engine.h"
#include "bindings/errors.h"
#include "bindings/values.h"
#include "layers/registry.h"
#include "layers/residual.h"
#include "layers/weighted_layer.h"

namespace lamella::bindings {

LayerPointer NewLayer(const Text& type, const Settings& settings) {
  return CreateLayer(TheEngine(), ToString(type), ToConfig(settings));
}

LayerPointer NewCustomLayer(const Text& type, const LayerAdapter& adapter) {
  return std::make_shared<CustomLayer>(TheEngine(), ToString(type), adapter);
}

// The first `count` layers, and those of the shortcut.
LayerPointer NewResidual(const LayerList& layers, double count,
                         const std::optional<Numbers>& input_shape) {
  auto residual =
      std::make_shared<Residual>(TheEngine(), ToLayers(layers), ToSize(count));
  if (input_shape) residual->DeclareInputShape(ToShape(*input_shape));
  return residual;
}

void Build(const LayerPointer& layer, const Numbers& input_shape) {
  layer->Build(ToShape(input_shape));
}

Numbers LayerInputShape(Layer& layer) { return FromShape(layer.input_shape()); }

Numbers LayerOutputShape(Layer& layer) {
  return FromShape(layer.output_shape());
}

// A pass alone would overwrite that of the model, which learns from it.
void CheckIdle(const Layer& layer) {
  if (layer.busy()) {
    ThrowStateError(
        "{}: is in use by a call of its model that has not returned",
        {layer.type()});
  }
  for (const auto& chain : layer.Chains()) {
    for (const auto& inner : chain) CheckIdle(*inner);
  }
}

Tensor Forward(const LayerPointer& layer, const Tensor& input, bool training) {
  CheckIdle(*layer);
  return layer->Forward(input, {.training = training});
}

Tensor Backward(const LayerPointer& layer, const Tensor& output_gradient) {
  CheckIdle(*layer);
  return layer->Backward(output_gradient);
}

ParameterList Params(const LayerPointer& layer) {
  return FromParameters(layer->Params());
}

ParameterList State(const LayerPointer& layer) {
  return FromParameters(layer->State());
}

void ParamsLoaded(Layer& layer) { layer.ParamsLoaded(); }

Settings LayerConfig(Layer& layer) { return FromConfig(layer.GetConfig()); }

bool Trainable(Layer& layer) { return layer.trainable(); }

void SetTrainable(Layer& layer, bool trainable) {
  layer.set_trainable(trainable);
}

void InitWeights(const LayerPointer& layer, const Text& method, bool no_bias) {
  WeightedLayer* weighted = layer->AsWeighted();
  if (weighted == nullptr) {
    ThrowStateError("{}: has no weights to initialise", {layer->type()});
  }
  weighted->InitWeights(ParseInitialization(layer->type(), ToString(method)),
                        no_bias);
}

std::optional<Tensor> UnlessEmpty(const Tensor& tensor) {
  if (tensor.empty()) return std::nullopt;
  return tensor;
}

std::optional<Tensor> LastInput(Layer& layer) {
  return UnlessEmpty(layer.input());
}

std::optional<Tensor> LastOutput(Layer& layer) {
  return UnlessEmpty(layer.output());
}

// Absent for a layer that draws no random numbers in training.
std::optional<double> RandomPosition(Layer& layer) {
  const RandomStream* random = layer.random();
  if (random == nullptr) return std::nullopt;
  return static_cast<double>(random->position());
}

void SetRandomPosition(Layer& layer, double position) {
  layer.random()->set_position(static_cast<uint64_t>(position));
}

void AbandonCalls() { TheEngine().AbandonCalls(); }

EMSCRIPTEN_BINDINGS(layer) {
  emscripten::register_type<LayerAdapter>("object");
  emscripten::register_optional<double>();

  emscripten::class_<Layer>("Layer")
      .smart_ptr<LayerPointer>("LayerPointer")
      .function("build", Guarded<&Build>)
      .function("inputShape", Guarded<&LayerInputShape>)
      .function("outputShape", Guarded<&LayerOutputShape>)
      .function("forward", Guarded<&Forward>)
      .function("backward", Guarded<&Backward>)
      .function("params", Guarded<&Params>)
      .function("state", Guarded<&State>)
      .function("paramsLoaded", Guarded<&ParamsLoaded>)
      .function("getConfig", Guarded<&LayerConfig>)
      .function("trainable", Guarded<&Trainable>)
      .function("setTrainable", Guarded<&SetTrainable>)
      .function("initWeights", Guarded<&InitWeights>)
      .function("input", Guarded<&LastInput>)
      .function("output", Guarded<&LastOutput>)
      .function("randomPosition", Guarded<&RandomPosition>)
      .function("setRandomPosition", Guarded<&SetRandomPosition>);

  emscripten::function("abandonCalls", &AbandonCalls);

  using emscripten::nonnull, emscripten::ret_val;
  emscripten::function("createLayer", Guarded<&NewLayer>, nonnull<ret_val>());
  emscripten::function("createCustomLayer", Guarded<&NewCustomLayer>,
                       nonnull<ret_val>());
  emscripten::function("createResidual", Guarded<&NewResidual>,
                       nonnull<ret_val>());
}

}  // namespace lamella::bindings
