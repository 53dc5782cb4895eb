#include "layers/reshape.h"

namespace lamella {

Reshape::Reshape(Engine& engine, ConfigReader& reader) : Layer(engine, kType) {
  const std::vector<size_t> dims = reader.OptionalDims("targetShape");
  if (dims.empty()) {
    Fail(ErrorKind::kType,
         "targetShape is required: a list of whole numbers of at least 1 "
         "(without the batch)");
  }
  target_shape_ = Shape(dims);
}

Shape Reshape::OutputShape(const Shape& input_shape) const {
  if (input_shape.size() != target_shape_.size()) {
    Fail(ErrorKind::kShape,
         "targetShape {} does not hold as many numbers as the input {}",
         {target_shape_, input_shape});
  }
  return target_shape_;
}

void Reshape::WriteConfig(Config& config) const {
  config.Set("targetShape", target_shape_.dims());
}

void Reshape::OnForward(const ForwardArguments& /*arguments*/) {
  output_ = input_.Reshaped(output_shape_.Prepended(batch()));
}

void Reshape::OnBackward(const Tensor& output_gradient,
                         const BackwardArguments& /*arguments*/) {
  input_gradient_ = output_gradient.Reshaped(input_.shape());
}

}  // namespace lamella
