#include "layers/saved_layer.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace lamella {

SavedLayer::SavedLayer(Layer& layer)
    : layer_(&layer),
      input_shape_(layer.input_shape_),
      output_shape_(layer.output_shape_),
      built_(layer.built_),
      places_{&layer.input_, &layer.output_, &layer.input_gradient_} {
  layer.CollectBuilt(places_);
  for (const Tensor* tensor : places_) tensors_.push_back(*tensor);
  if (WeightedLayer* weighted = layer.AsWeighted()) {
    drawing_.emplace(weighted->drawing());
  }
  if (const RandomStream* random = layer.random()) random_ = *random;
}

void SavedLayer::Restore() {
  layer_->input_shape_ = input_shape_;
  layer_->output_shape_ = output_shape_;
  layer_->built_ = built_;
  for (size_t i = 0; i < places_.size(); ++i) *places_[i] = tensors_[i];
  if (drawing_) layer_->AsWeighted()->set_drawing(std::move(*drawing_));
  if (random_) *layer_->random() = *random_;
  layer_->CountParamsChange();
}

void SavedLayer::Share(Layer& from, Layer& to) {
  if (WeightedLayer* weighted = to.AsWeighted()) {
    const WeightedLayer::Drawing& other = from.AsWeighted()->drawing();
    WeightedLayer::Drawing drawing = weighted->drawing();
    drawing.no_bias = other.no_bias;
    drawing.as_drawn = false;
    // One of them may have lost its biases, or have them again.
    const std::vector<Parameter> own = std::exchange(drawing.weights, {});
    for (size_t i = 0; i < other.weights.size(); ++i) {
      Parameter& shared = drawing.weights.emplace_back(other.weights[i]);
      shared.gradient =
          i < own.size() ? own[i].gradient : Tensor(shared.gradient.shape());
    }
    weighted->set_drawing(std::move(drawing));
    to.CountParamsChange();
  }
  std::vector<Tensor*> own, others;
  to.CollectBuilt(own);
  from.CollectBuilt(others);
  assert(own.size() == others.size());
  const auto params = to.Params(), state = to.State();
  const auto is_value = [&](const Tensor& tensor) {
    const auto is_it = [&](const Parameter& parameter) {
      return parameter.value.data() == tensor.data();
    };
    return std::ranges::any_of(params, is_it) ||
           std::ranges::any_of(state, is_it);
  };
  for (size_t i = 0; i < own.size(); ++i) {
    if (is_value(*own[i])) *own[i] = *others[i];
  }
}

}  // namespace lamella
