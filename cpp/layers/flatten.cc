#include "layers/flatten.h"

namespace lamella {

Shape Flatten::OutputShape(const Shape& input_shape) const {
  return {input_shape.size()};
}

void Flatten::OnForward(const ForwardArguments& /*arguments*/) {
  output_ = input_.Reshaped(output_shape_.Prepended(batch()));
}

void Flatten::OnBackward(const Tensor& output_gradient,
                         const BackwardArguments& /*arguments*/) {
  input_gradient_ = output_gradient.Reshaped(input_.shape());
}

}  // namespace lamella
