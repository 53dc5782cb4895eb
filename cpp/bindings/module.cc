// The engine's face to JavaScript. Coarse calls, no arithmetic: what users see
// is the TypeScript package, which calls these functions.

#include <array>
#include <cstdint>
#include <optional>

#include "base/aligned_buffer.h"
#include "bindings/foreign_layer.h"
#include "bindings/handles.h"
#include "bindings/wire.h"
#include "layers/registry.h"
#include "layers/residual.h"
#include "layers/weighted_layer.h"
#include "training/losses.h"
#include "training/model.h"
#include "training/optimizers.h"

namespace lamella::bindings {

using LayerPointer = std::shared_ptr<Layer>;
using LossPointer = std::shared_ptr<Loss>;
using OptimizerPointer = std::shared_ptr<Optimizer>;
using ModelPointer = std::shared_ptr<Model>;
using LayerList = Handles<LayerPointer>;

// Tensors --------------------------------------------------------------------

Tensor* CreateTensor(const Numbers& shape) {
  return new Tensor(ToShape(shape));
}

Numbers* TensorShape(const Tensor& tensor) {
  return NewNumbers(tensor.shape());
}

View* TensorView(Tensor& tensor) {
  // Read before the next one is asked for.
  static View view;
  view = {tensor.data(), tensor.values().size()};
  return &view;
}

Tensor* TensorReshaped(const Tensor& tensor, const Numbers& shape) {
  return new Tensor(tensor.Reshaped(ToShape(shape)));
}

Tensor* TensorClone(const Tensor& tensor) { return new Tensor(tensor.Clone()); }

// Layers ---------------------------------------------------------------------

LayerPointer* NewLayer(const Text& type, const Settings& config) {
  return new LayerPointer(CreateLayer(type, Config(config)));
}

LayerPointer* NewForeignLayer(const Text& type, AdapterId adapter) {
  return new LayerPointer(new ForeignLayer(type, adapter));
}

std::vector<LayerPointer> ToLayers(const LayerList& list) {
  std::vector<LayerPointer> layers(list.items().size());
  for (size_t i = 0; i < layers.size(); ++i) layers[i] = *list.items()[i];
  return layers;
}

// The first `count` layers, and those of the shortcut.
LayerPointer* NewResidual(const LayerList& layers, size_t count,
                          Numbers* input_shape) {
  LayerPointer residual(new Residual(ToLayers(layers), count));
  if (input_shape != nullptr) {
    residual->DeclareInputShape(ToShape(*input_shape));
  }
  return new LayerPointer(residual);
}

bool LayerTrainable(const LayerPointer& layer) { return layer->trainable(); }

void LayerSetTrainable(const LayerPointer& layer, bool trainable) {
  layer->set_trainable(trainable);
}

void LayerBuild(const LayerPointer& layer, const Numbers& input_shape) {
  layer->Build(ToShape(input_shape));
}

Numbers* LayerInputShape(const LayerPointer& layer) {
  return NewNumbers(layer->input_shape());
}

Numbers* LayerOutputShape(const LayerPointer& layer) {
  return NewNumbers(layer->output_shape());
}

Tensor* LayerForward(const LayerPointer& layer, const Tensor& input,
                     bool training) {
  return NewTensor(layer->Forward(input, training));
}

Tensor* LayerBackward(const LayerPointer& layer,
                      const Tensor& output_gradient) {
  return NewTensor(layer->Backward(output_gradient));
}

Records* LayerParams(const LayerPointer& layer) {
  return NewRecords(layer->Params());
}

Records* LayerState(const LayerPointer& layer) {
  return NewRecords(layer->State());
}

void LayerParamsLoaded(const LayerPointer& layer) { layer->ParamsLoaded(); }

Settings* LayerConfig(const LayerPointer& layer) {
  return NewSettings(layer->GetConfig());
}

void LayerInitWeights(const LayerPointer& layer, const Text& method,
                      bool no_bias) {
  WeightedLayer* weighted = layer->AsWeighted();
  if (weighted == nullptr) {
    ThrowStateError("{}: has no weights to initialise", {layer->type()});
  }
  weighted->InitWeights(ParseInitialization(layer->type(), method), no_bias);
}

Tensor* LayerInput(const LayerPointer& layer) {
  return NewTensor(layer->input());
}

Tensor* LayerOutput(const LayerPointer& layer) {
  return NewTensor(layer->output());
}

// -1 for a layer that draws no random numbers in training.
double LayerRandomPosition(const LayerPointer& layer) {
  const RandomStream* random = layer->random();
  return random == nullptr ? -1 : static_cast<double>(random->position());
}

void LayerSetRandomPosition(const LayerPointer& layer, double position) {
  layer->random()->set_position(static_cast<uint64_t>(position));
}

// Model ----------------------------------------------------------------------

ModelPointer* NewModel(const LayerList& layers, LossPointer* loss,
                       OptimizerPointer* optimizer, double seed,
                       Numbers* input_shape) {
  std::optional<Shape> shape;
  if (input_shape != nullptr) shape = ToShape(*input_shape);
  return new ModelPointer(std::make_shared<Model>(
      ToLayers(layers), loss == nullptr ? nullptr : *loss,
      optimizer == nullptr ? nullptr : *optimizer, static_cast<uint64_t>(seed),
      shape));
}

// [loss, accuracy].
Numbers* FromResult(const BatchResult& result) {
  return NewNumbers(std::array{result.loss, result.accuracy});
}

void ModelSetClassWeights(const ModelPointer& model, const Numbers& weights) {
  model->SetClassWeights(weights.items());
}

void ModelBeginEpoch(const ModelPointer& model, size_t rows, bool shuffle) {
  model->BeginEpoch(rows, shuffle);
}

Numbers* ModelTrainRows(const ModelPointer& model, const Tensor& x,
                        const Tensor& y, size_t first, size_t count) {
  return FromResult(model->TrainRows(x, y, first, count));
}

Numbers* ModelTrainBatch(const ModelPointer& model, const Tensor& x,
                         const Tensor& y) {
  return FromResult(model->TrainBatch(x, y));
}

Numbers* ModelEvaluateRows(const ModelPointer& model, const Tensor& x,
                           const Tensor& y, size_t first, size_t count) {
  return FromResult(model->EvaluateRows(x, y, first, count));
}

Numbers* ModelEvaluate(const ModelPointer& model, const Tensor& x,
                       const Tensor& y, size_t batch_size) {
  return FromResult(model->Evaluate(x, y, batch_size));
}

Tensor* ModelPredict(const ModelPointer& model, const Tensor& x,
                     size_t batch_size) {
  return NewTensor(model->Predict(x, batch_size));
}

// [epochs, rows, shuffled, position].
Numbers* ModelProgress(const ModelPointer& model) {
  const Model::Progress& progress = model->progress();
  return NewNumbers(std::array{static_cast<double>(progress.epochs),
                               static_cast<double>(progress.rows),
                               static_cast<double>(progress.shuffled),
                               static_cast<double>(progress.position)});
}

void ModelRestoreProgress(const ModelPointer& model, double epochs, size_t rows,
                          bool shuffled, size_t position) {
  model->RestoreProgress({.epochs = static_cast<uint64_t>(epochs),
                          .rows = rows,
                          .shuffled = shuffled,
                          .position = position});
}

void ModelPrepareOptimizer(const ModelPointer& model, double steps) {
  model->PrepareOptimizer(static_cast<uint64_t>(steps));
}

Numbers* ModelInputShape(const ModelPointer& model) {
  return NewNumbers(model->input_shape());
}

Numbers* ModelOutputShape(const ModelPointer& model) {
  return NewNumbers(model->output_shape());
}

Numbers* ModelExpectedShape(const ModelPointer& model) {
  return NewNumbers(model->expected_shape());
}

EMSCRIPTEN_BINDINGS(lamella) {
  RegisterHandle<Tensor>("Tensor");
  Bind("Tensor.shape", &TensorShape);
  Bind("Tensor.view", &TensorView);
  Bind("Tensor.reshaped", &TensorReshaped);
  Bind("Tensor.copy", &TensorClone);
  Bind("createTensor", &CreateTensor);
  Bind("allocationCount", &AllocationCount);
  Bind("limitAllocations", &LimitAllocations);
  Bind("unlimitAllocations", &UnlimitAllocations);

  RegisterHandle<LayerPointer>("Layer");
  Bind("Layer.build", &LayerBuild);
  Bind("Layer.inputShape", &LayerInputShape);
  Bind("Layer.outputShape", &LayerOutputShape);
  Bind("Layer.forward", &LayerForward);
  Bind("Layer.backward", &LayerBackward);
  Bind("Layer.params", &LayerParams);
  Bind("Layer.state", &LayerState);
  Bind("Layer.paramsLoaded", &LayerParamsLoaded);
  Bind("Layer.getConfig", &LayerConfig);
  Bind("Layer.trainable", &LayerTrainable);
  Bind("Layer.setTrainable", &LayerSetTrainable);
  Bind("Layer.initWeights", &LayerInitWeights);
  Bind("Layer.input", &LayerInput);
  Bind("Layer.output", &LayerOutput);
  Bind("Layer.randomPosition", &LayerRandomPosition);
  Bind("Layer.setRandomPosition", &LayerSetRandomPosition);
  Bind("createLayer", &NewLayer);
  Bind("createForeignLayer", &NewForeignLayer);
  Bind("createResidual", &NewResidual);

  RegisterHandle<ModelPointer>("Model");
  Bind("Model.setClassWeights", &ModelSetClassWeights);
  Bind("Model.beginEpoch", &ModelBeginEpoch);
  Bind("Model.trainRows", &ModelTrainRows);
  Bind("Model.trainBatch", &ModelTrainBatch);
  Bind("Model.evaluateRows", &ModelEvaluateRows);
  Bind("Model.evaluate", &ModelEvaluate);
  Bind("Model.predict", &ModelPredict);
  Bind("Model.inputShape", &ModelInputShape);
  Bind("Model.outputShape", &ModelOutputShape);
  Bind("Model.expectedShape", &ModelExpectedShape);
  Bind("Model.progress", &ModelProgress);
  Bind("Model.restoreProgress", &ModelRestoreProgress);
  Bind("Model.prepareOptimizer", &ModelPrepareOptimizer);
  Bind("createModel", &NewModel);
}

}  // namespace lamella::bindings
