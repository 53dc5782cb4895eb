#include "layers/saved_layer.h"

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

}  // namespace lamella
