// Graphs in JavaScript's hands.

#include "layers/graph.h"

#include <emscripten/bind.h>

#include <memory>
#include <utility>
#include <vector>

#include "bindings/engine.h"
#include "bindings/errors.h"
#include "bindings/values.h"
#include "layers/merge_layer.h"
#include "training/joint_loss.h"

namespace lamella::bindings {

EMSCRIPTEN_DECLARE_VAL_TYPE(LossList);
EMSCRIPTEN_DECLARE_VAL_TYPE(TensorList);

using LossPointer = std::shared_ptr<Loss>;

// `layers` are the graph's; `doers` has a layer for each call. `calls` holds
// for each call the layer's index, how many values it takes, and their numbers.
LayerPointer NewGraph(const LayerList& layers, const LayerList& doers,
                      const Numbers& calls) {
  const auto by = ToLayers(doers);
  const std::vector<double> numbers = ToNumbers(calls);
  std::vector<GraphCall> list;
  auto next = numbers.begin();
  for (const auto& layer : by) {
    GraphCall call = {ToSize(*next++), layer, {}};
    for (size_t left = ToSize(*next++); left > 0; --left) {
      call.inputs.push_back(ToSize(*next++));
    }
    list.push_back(std::move(call));
  }
  return std::make_shared<Graph>(TheEngine(), ToLayers(layers),
                                 std::move(list));
}

// Each shape's rank and dimensions.
std::vector<Shape> ToShapes(const Numbers& shapes) {
  std::vector<Shape> list;
  const std::vector<double> numbers = ToNumbers(shapes);
  for (auto next = numbers.begin(); next != numbers.end();) {
    std::vector<size_t> dims;
    for (size_t left = ToSize(*next++); left > 0; --left) {
      dims.push_back(ToSize(*next++));
    }
    list.push_back(Shape(dims));
  }
  return list;
}

// `shapes` as above, of the inputs.
void BuildMerge(const LayerPointer& layer, const Numbers& shapes) {
  static_cast<MergeLayer&>(*layer).BuildFor(ToShapes(shapes));
}

// A loss for each output; `shapes` as above.
LossPointer NewJointLoss(const LossList& losses, const Numbers& weights,
                         const Numbers& shapes) {
  const auto pointers = emscripten::vecFromJSArray<LossPointer>(losses);
  const auto outputs = ToShapes(shapes);
  const auto factors = ToNumbers(weights);
  std::vector<JointLoss::Part> parts;
  for (size_t i = 0; i < pointers.size(); ++i) {
    parts.push_back({.loss = pointers[i],
                     .output = outputs[i],
                     .weight = static_cast<float>(factors[i])});
  }
  return std::make_shared<JointLoss>(TheEngine(), std::move(parts));
}

// Whether a loss does the work of a layer that makes an output.
bool IncludesActivation(const LossPointer& loss, const LayerPointer& layer) {
  return loss->IncludesActivation(layer->Describe().activation,
                                  layer->GetConfig(), layer->output_shape());
}

// Shape of an expected sample for outputs of a shape.
Numbers ExpectedShape(Loss& loss, const Numbers& output) {
  return FromShape(loss.ExpectedShape(ToShape(output)));
}

// A pass of a layer that takes several values, alone.
Tensor MergeForward(const LayerPointer& layer, const TensorList& inputs) {
  auto& merge = static_cast<MergeLayer&>(*layer);
  const auto tensors = emscripten::vecFromJSArray<Tensor>(inputs);
  for (size_t i = 0; i < tensors.size(); ++i) merge.SetInput(i, tensors[i]);
  return merge.Forward(tensors.front());
}

// With respect to an input, after a backward pass.
Tensor MergeGradient(Layer& layer, double input) {
  return static_cast<MergeLayer&>(layer).gradient(ToSize(input));
}

// Whether it is a `MergeLayer`.
bool TakesSeveral(Layer& layer) { return AsMerge(layer) != nullptr; }

EMSCRIPTEN_BINDINGS(graph) {
  using emscripten::nonnull, emscripten::ret_val;
  emscripten::function("createGraph", Guarded<&NewGraph>, nonnull<ret_val>());
  emscripten::function("buildMerge", Guarded<&BuildMerge>);
  emscripten::function("takesSeveral", Guarded<&TakesSeveral>);

  emscripten::register_type<TensorList>("readonly Tensor[]");
  emscripten::function("mergeForward", Guarded<&MergeForward>);
  emscripten::function("mergeGradient", Guarded<&MergeGradient>);

  emscripten::register_type<LossList>("readonly Loss[]");
  emscripten::function("createJointLoss", Guarded<&NewJointLoss>,
                       nonnull<ret_val>());
  emscripten::function("includesActivation", Guarded<&IncludesActivation>);
  emscripten::function("expectedShape", Guarded<&ExpectedShape>);
}

}  // namespace lamella::bindings
