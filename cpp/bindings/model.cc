// Models in JavaScript's hands.

#include "training/model.h"

#include <emscripten/bind.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "bindings/errors.h"
#include "bindings/values.h"

namespace lamella::bindings {

EMSCRIPTEN_DECLARE_VAL_TYPE(Indices);

using ModelPointer = std::shared_ptr<Model>;

// Without loss or optimizer the pointer is null.
ModelPointer NewModel(const LayerList& layers,
                      const std::shared_ptr<Loss>& loss,
                      const std::shared_ptr<Optimizer>& optimizer, double seed,
                      const std::optional<Numbers>& input_shape) {
  std::optional<Shape> shape;
  if (input_shape) shape = ToShape(*input_shape);
  return std::make_shared<Model>(ToLayers(layers), loss, optimizer,
                                 static_cast<uint64_t>(seed), shape);
}

void SetClassWeights(const ModelPointer& model, const Numbers& weights) {
  model->SetClassWeights(ToNumbers(weights));
}

void BeginEpoch(Model& model, double samples, bool shuffle) {
  model.BeginEpoch(ToSize(samples), shuffle);
}

BatchResult TrainRows(const ModelPointer& model, const Tensor& x,
                      const Tensor& y, double first, double count) {
  return model->TrainRows(x, y, ToSize(first), ToSize(count));
}

// Over the module's memory: stale once that grows.
Indices Order(Model& model) {
  const auto& order = model.Order();
  return Indices(emscripten::val(
      emscripten::typed_memory_view(order.size(), order.data())));
}

BatchResult TrainNext(const ModelPointer& model, const Tensor& x,
                      const Tensor& y) {
  return model->TrainNext(x, y);
}

BatchResult TrainBatch(const ModelPointer& model, const Tensor& x,
                       const Tensor& y) {
  return model->TrainBatch(x, y);
}

BatchResult EvaluateRows(const ModelPointer& model, const Tensor& x,
                         const Tensor& y, double first, double count) {
  return model->EvaluateRows(x, y, ToSize(first), ToSize(count));
}

Tensor Predict(const ModelPointer& model, const Tensor& x, double batch_size) {
  return model->Predict(x, ToSize(batch_size));
}

Model::Progress GetProgress(Model& model) { return model.progress(); }

void RestoreProgress(Model& model, const Model::Progress& progress) {
  model.RestoreProgress(progress);
}

void PrepareOptimizer(const ModelPointer& model, double steps) {
  model->PrepareOptimizer(static_cast<uint64_t>(steps));
}

Numbers ModelInputShape(Model& model) { return FromShape(model.input_shape()); }

Numbers ModelOutputShape(Model& model) {
  return FromShape(model.output_shape());
}

Numbers ModelExpectedShape(Model& model) {
  return FromShape(model.expected_shape());
}

// JavaScript's numbers are exact up to 2^53; embind has BigInt for 64 bits.
double Epochs(const Model::Progress& progress) {
  return static_cast<double>(progress.epochs);
}
void SetEpochs(Model::Progress& progress, double epochs) {
  progress.epochs = static_cast<uint64_t>(epochs);
}

EMSCRIPTEN_BINDINGS(model) {
  emscripten::register_type<Indices>("Uint32Array");

  emscripten::value_object<BatchResult>("BatchResult")
      .field("loss", &BatchResult::loss)
      .field("accuracy", &BatchResult::accuracy)
      .field("finite", &BatchResult::finite);

  emscripten::value_object<Model::Progress>("Progress")
      .field("epochs", &Epochs, &SetEpochs)
      .field("samples", &Model::Progress::samples)
      .field("shuffled", &Model::Progress::shuffled)
      .field("position", &Model::Progress::position);

  emscripten::class_<Model>("Model")
      .smart_ptr<ModelPointer>("ModelPointer")
      .function("setClassWeights", Guarded<&SetClassWeights>)
      .function("beginEpoch", Guarded<&BeginEpoch>)
      .function("trainRows", Guarded<&TrainRows>)
      .function("order", Guarded<&Order>)
      .function("trainNext", Guarded<&TrainNext>)
      .function("trainBatch", Guarded<&TrainBatch>)
      .function("evaluateRows", Guarded<&EvaluateRows>)
      .function("predict", Guarded<&Predict>)
      .function("progress", Guarded<&GetProgress>)
      .function("restoreProgress", Guarded<&RestoreProgress>)
      .function("prepareOptimizer", Guarded<&PrepareOptimizer>)
      .function("inputShape", Guarded<&ModelInputShape>)
      .function("outputShape", Guarded<&ModelOutputShape>)
      .function("expectedShape", Guarded<&ModelExpectedShape>);

  emscripten::function("createModel", Guarded<&NewModel>,
                       emscripten::nonnull<emscripten::ret_val>());
}

}  // namespace lamella::bindings
