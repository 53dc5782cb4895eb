#include "layers/merge_layer.h"

#include <algorithm>
#include <utility>

namespace lamella {

void MergeLayer::BuildFor(std::span<const Shape> shapes) {
  if (built() && in_use() && !std::ranges::equal(shapes, shapes_)) {
    Fail(ErrorKind::kState,
         "is part of a model, in which it takes {} inputs, the first of them "
         "{}; create another layer for {} inputs, the first of them {}",
         {shapes_.size(), shapes_.front(), shapes.size(), shapes.front()});
  }
  const Shape merged = MergedShape(shapes);
  // Memory first, so that nothing is half done without it.
  std::vector<Shape> own(shapes.begin(), shapes.end());
  std::vector<Tensor> inputs(shapes.size()), gradients(shapes.size());
  shapes_.swap(own);
  try {
    Build(shapes.front());
  } catch (...) {
    shapes_.swap(own);
    throw;
  }
  // To the base class another first input alone is another input.
  output_shape_ = merged;
  inputs_.swap(inputs);
  gradients_.swap(gradients);
}

void MergeLayer::FailAlone() const {
  Fail(ErrorKind::kState,
       "takes several inputs: apply it to a list of them in a graph");
}

Shape MergeLayer::OutputShape(const Shape& /*input_shape*/) const {
  if (shapes_.empty()) FailAlone();
  return MergedShape(shapes_);
}

Shape MergeLayer::MergedShape(std::span<const Shape> shapes) const {
  for (const Shape& shape : shapes) {
    if (!(shape == shapes.front())) {
      Fail(ErrorKind::kShape,
           "all inputs must have the same shape, got {} and {}",
           {shapes.front(), shape});
    }
  }
  return shapes.front();
}

void MergeLayer::OnForward(const ForwardArguments& /*arguments*/) {
  if (!std::exchange(given_, false)) FailAlone();
  for (size_t i = 0; i < inputs_.size(); ++i) {
    CheckUnchanged(inputs_[i], shapes_[i].Prepended(batch()));
  }
  Merge();
}

void MergeLayer::OnBackward(const Tensor& output_gradient,
                            const BackwardArguments& /*arguments*/) {
  ComputeGradients(output_gradient);
  input_gradient_ = gradients_.front();
}

void MergeLayer::ReleaseActivations() {
  Layer::ReleaseActivations();
  for (Tensor& input : inputs_) input = Tensor();
}

void MergeLayer::ReleaseGradient() {
  // The first of them belongs to this layer twice.
  input_gradient_ = Tensor();
  for (Tensor& gradient : gradients_) {
    if (!gradient.SoleOwner()) gradient = Tensor();
  }
}

}  // namespace lamella
