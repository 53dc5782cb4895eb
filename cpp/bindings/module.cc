// The engine's face to JavaScript. Coarse calls, no arithmetic: what users see
// is the TypeScript package, which calls these functions.

#include <emscripten/bind.h>

#include <cmath>

#include "base/aligned_buffer.h"
#include "bindings/convert.h"
#include "bindings/foreign_layer.h"
#include "bindings/handles.h"
#include "layers/registry.h"
#include "layers/residual.h"
#include "layers/weighted_layer.h"
#include "training/losses.h"
#include "training/model.h"
#include "training/optimizers.h"

namespace lamella::bindings {

using emscripten::val;
using LayerPointer = std::shared_ptr<Layer>;
using LossPointer = std::shared_ptr<Loss>;
using OptimizerPointer = std::shared_ptr<Optimizer>;
using ModelPointer = std::shared_ptr<Model>;

// Tensors --------------------------------------------------------------------

// `count`, unless undefined, is checked before anything is allocated.
Tensor CreateTensor(const val& dims, const val& count) {
  const Shape shape = ToShape("tensor", "shape", dims);
  if (!count.isUndefined() && count.as<size_t>() != shape.size()) {
    ThrowShapeError("tensor: shape {} wants {} numbers, got {}",
                    {shape, shape.size(), count.as<size_t>()});
  }
  return Tensor(shape);
}

val TensorShape(const Tensor& tensor) { return FromShape(tensor.shape()); }

// A Float32Array over the module's memory; stale once that grows.
val TensorView(Tensor& tensor) {
  return val(
      emscripten::typed_memory_view(tensor.values().size(), tensor.data()));
}

Tensor TensorReshaped(const Tensor& tensor, const val& shape) {
  return tensor.Reshaped(ToShape("reshape", "shape", shape));
}

Tensor TensorClone(const Tensor& tensor) { return tensor.Clone(); }

// Layers ---------------------------------------------------------------------

LayerPointer NewLayer(const std::string& type, const val& config) {
  return CreateLayer(type, ToConfig(type.c_str(), config));
}

LayerPointer NewForeignLayer(const val& adapter) {
  return LayerPointer(new ForeignLayer(adapter));
}

std::vector<LayerPointer> ToLayers(const val& list) {
  std::vector<LayerPointer> layers(Length(list));
  for (size_t i = 0; i < layers.size(); ++i) {
    layers[i] = list[i].as<LayerPointer>();
  }
  return layers;
}

LayerPointer NewResidual(const val& layers, const val& shortcut,
                         const val& input_shape) {
  LayerPointer residual(new Residual(ToLayers(layers), ToLayers(shortcut)));
  if (!input_shape.isUndefined()) {
    residual->DeclareInputShape(ToShape("Residual", "inputShape", input_shape));
  }
  return residual;
}

bool LayerTrainable(const LayerPointer& layer) { return layer->trainable(); }

void LayerSetTrainable(const LayerPointer& layer, bool trainable) {
  layer->set_trainable(trainable);
}

void LayerBuild(const LayerPointer& layer, const val& input_shape) {
  layer->Build(ToShape(layer->type().c_str(), "inputShape", input_shape));
}

val LayerInputShape(const LayerPointer& layer) {
  return FromShape(layer->input_shape());
}

val LayerOutputShape(const LayerPointer& layer) {
  return FromShape(layer->output_shape());
}

Tensor LayerForward(const LayerPointer& layer, const Tensor& input,
                    bool training) {
  return layer->Forward(input, training);
}

Tensor LayerBackward(const LayerPointer& layer, const Tensor& output_gradient) {
  return layer->Backward(output_gradient);
}

val LayerParams(const LayerPointer& layer) {
  return FromParameters(layer->Params());
}

val LayerState(const LayerPointer& layer) {
  return FromNamedTensors(layer->State());
}

void LayerLoadParams(const LayerPointer& layer, const val& values) {
  layer->LoadParams(ToNamedTensors(values));
}

void LayerLoadState(const LayerPointer& layer, const val& values) {
  layer->LoadState(ToNamedTensors(values));
}

val LayerConfig(const LayerPointer& layer) {
  return FromConfig(layer->GetConfig());
}

void LayerInitWeights(const LayerPointer& layer, const std::string& method,
                      bool no_bias) {
  WeightedLayer* weighted = layer->AsWeighted();
  if (weighted == nullptr) {
    ThrowStateError("{}: has no weights to initialise", {layer->type()});
  }
  weighted->InitWeights(ParseInitialization(layer->type(), method), no_bias);
}

val LayerInput(const LayerPointer& layer) {
  return layer->input().empty() ? val::undefined() : val(layer->input());
}

val LayerOutput(const LayerPointer& layer) {
  return layer->output().empty() ? val::undefined() : val(layer->output());
}

val LayerRandomPositions(const LayerPointer& layer) {
  std::vector<RandomStream*> streams;
  layer->CollectRandomStreams(streams);
  std::vector<double> positions(streams.size());
  for (size_t i = 0; i < streams.size(); ++i) {
    positions[i] = static_cast<double>(streams[i]->position());
  }
  return FromNumbers(positions);
}

void LayerSetRandomPositions(const LayerPointer& layer, const val& positions) {
  std::vector<RandomStream*> streams;
  layer->CollectRandomStreams(streams);
  const size_t count = Length(positions);
  if (count != streams.size()) {
    ThrowValueError("{}: has {} streams of random numbers, got {} positions",
                    {layer->type(), streams.size(), count});
  }
  // Everything is checked before anything is changed.
  for (const bool write : {false, true}) {
    for (size_t i = 0; i < count; ++i) {
      const double position =
          ToInteger(layer->type().c_str(), "random position", positions[i], 0);
      if (write) streams[i]->set_position(static_cast<uint64_t>(position));
    }
  }
}

// Model ----------------------------------------------------------------------

ModelPointer NewModel(const val& layers, const val& loss, const val& optimizer,
                      const val& seed, const val& input_shape) {
  std::optional<Shape> shape;
  if (!input_shape.isUndefined()) {
    shape = ToShape("Model", "inputShape", input_shape);
  }
  return std::make_shared<Model>(
      ToLayers(layers), loss.isUndefined() ? nullptr : loss.as<LossPointer>(),
      optimizer.isUndefined() ? nullptr : optimizer.as<OptimizerPointer>(),
      static_cast<uint64_t>(ToInteger("Model", "seed", seed, 0)), shape);
}

val FromResult(const BatchResult& result) {
  val object = val::object();
  object.set("loss", result.loss);
  object.set("accuracy", result.accuracy);
  return object;
}

void ModelSetClassWeights(const ModelPointer& model, const val& weights) {
  model->SetClassWeights(ToNumbers(weights));
}

void ModelBeginEpoch(const ModelPointer& model, size_t rows, bool shuffle) {
  model->BeginEpoch(rows, shuffle);
}

val ModelTrainRows(const ModelPointer& model, const Tensor& x, const Tensor& y,
                   size_t first, size_t count) {
  return FromResult(model->TrainRows(x, y, first, count));
}

val ModelTrainBatch(const ModelPointer& model, const Tensor& x,
                    const Tensor& y) {
  return FromResult(model->TrainBatch(x, y));
}

val ModelEvaluateRows(const ModelPointer& model, const Tensor& x,
                      const Tensor& y, size_t first, size_t count) {
  return FromResult(model->EvaluateRows(x, y, first, count));
}

val ModelEvaluate(const ModelPointer& model, const Tensor& x, const Tensor& y,
                  const val& batch_size) {
  return FromResult(model->Evaluate(
      x, y, ToSize("Model.evaluate", "batchSize", batch_size, 1)));
}

Tensor ModelPredict(const ModelPointer& model, const Tensor& x,
                    const val& batch_size) {
  return model->Predict(x, ToSize("Model.predict", "batchSize", batch_size, 1));
}

val ModelProgress(const ModelPointer& model) {
  const Model::Progress& progress = model->progress();
  val object = val::object();
  object.set("epochs", static_cast<double>(progress.epochs));
  object.set("rows", progress.rows);
  object.set("shuffled", progress.shuffled);
  object.set("position", progress.position);
  return object;
}

void ModelRestoreProgress(const ModelPointer& model, const val& progress) {
  model->RestoreProgress(
      {.epochs = static_cast<uint64_t>(
           ToInteger("Model: progress", "epochs", progress["epochs"], 0)),
       .rows = ToSize("Model: progress", "rows", progress["rows"], 0),
       .shuffled = progress["shuffled"].isTrue(),
       .position =
           ToSize("Model: progress", "position", progress["position"], 0)});
}

void ModelRestoreOptimizer(const ModelPointer& model, const val& steps,
                           const val& state) {
  model->RestoreOptimizer(
      static_cast<uint64_t>(ToInteger("optimizer", "steps", steps, 0)),
      ToNamedTensors(state));
}

val ModelInputShape(const ModelPointer& model) {
  return FromShape(model->input_shape());
}

val ModelOutputShape(const ModelPointer& model) {
  return FromShape(model->output_shape());
}

val ModelExpectedShape(const ModelPointer& model) {
  return FromShape(model->expected_shape());
}

EMSCRIPTEN_BINDINGS(lamella) {
  using emscripten::function;

  RegisterHandle<Tensor>("Tensor");
  function("Tensor.shape", &TensorShape);
  function("Tensor.view", &TensorView);
  function("Tensor.reshaped", &TensorReshaped);
  function("Tensor.copy", &TensorClone);
  function("createTensor", &CreateTensor);
  function("allocationCount", &AllocationCount);
  function("limitAllocations", &LimitAllocations);
  function("unlimitAllocations", &UnlimitAllocations);

  RegisterHandle<LayerPointer>("Layer");
  function("Layer.build", &LayerBuild);
  function("Layer.inputShape", &LayerInputShape);
  function("Layer.outputShape", &LayerOutputShape);
  function("Layer.forward", &LayerForward);
  function("Layer.backward", &LayerBackward);
  function("Layer.params", &LayerParams);
  function("Layer.state", &LayerState);
  function("Layer.loadParams", &LayerLoadParams);
  function("Layer.loadState", &LayerLoadState);
  function("Layer.getConfig", &LayerConfig);
  function("Layer.trainable", &LayerTrainable);
  function("Layer.setTrainable", &LayerSetTrainable);
  function("Layer.initWeights", &LayerInitWeights);
  function("Layer.input", &LayerInput);
  function("Layer.output", &LayerOutput);
  function("Layer.randomPositions", &LayerRandomPositions);
  function("Layer.setRandomPositions", &LayerSetRandomPositions);
  function("createLayer", &NewLayer);
  function("createForeignLayer", &NewForeignLayer);
  function("createResidual", &NewResidual);

  RegisterHandle<ModelPointer>("Model");
  function("Model.setClassWeights", &ModelSetClassWeights);
  function("Model.beginEpoch", &ModelBeginEpoch);
  function("Model.trainRows", &ModelTrainRows);
  function("Model.trainBatch", &ModelTrainBatch);
  function("Model.evaluateRows", &ModelEvaluateRows);
  function("Model.evaluate", &ModelEvaluate);
  function("Model.predict", &ModelPredict);
  function("Model.inputShape", &ModelInputShape);
  function("Model.outputShape", &ModelOutputShape);
  function("Model.expectedShape", &ModelExpectedShape);
  function("Model.progress", &ModelProgress);
  function("Model.restoreProgress", &ModelRestoreProgress);
  function("Model.restoreOptimizer", &ModelRestoreOptimizer);
  function("createModel", &NewModel);
}

}  // namespace lamella::bindings
