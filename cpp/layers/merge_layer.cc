#include "layers/merge_layer.h"

namespace lamella {

void MergeLayer::BuildFor(std::span<const Shape> shapes) {
  const Shape merged = MergedShape(shapes);
  // To the base class another first input alone is another input.
  if (built() && in_use() && !(merged == output_shape_)) {
    Fail(ErrorKind::kState, "is part of a model, in which it makes {}, not {}",
         {output_shape_, merged});
  }
  shapes_.assign(shapes.begin(), shapes.end());
  inputs_.resize(shapes.size());
  gradients_.resize(shapes.size());
  Build(shapes.front());
  output_shape_ = merged;
}

Shape MergeLayer::OutputShape(const Shape& /*input_shape*/) const {
  if (shapes_.empty()) {
    Fail(ErrorKind::kState,
         "takes several inputs: apply it to a list of them in a graph");
  }
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
