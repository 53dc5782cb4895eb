#include "layers/reshape.h"

#include "base/error.h"

namespace lamella {

std::shared_ptr<Layer> Reshape::FromConfig(ConfigReader& reader) {
  const auto dims = reader.OptionalDims("targetShape");
  if (!dims.has_value()) {
    ThrowTypeError(
        "Reshape: targetShape is required: a list of whole numbers of at "
        "least 1 (without the batch)");
  }
  return std::make_shared<Reshape>(Shape(*dims));
}

Shape Reshape::OutputShape(const Shape& input_shape) const {
  if (input_shape.size() != target_shape_.size()) {
    ThrowShapeError(Message(Cat("targetShape ", target_shape_,
                                " does not hold as many numbers as the input ",
                                input_shape)));
  }
  return target_shape_;
}

void Reshape::WriteConfig(Config& config) const {
  const auto dims = target_shape_.dims();
  config.Set("targetShape", std::vector<double>(dims.begin(), dims.end()));
}

void Reshape::OnForward(bool /*training*/) {
  output_ = input_.Reshaped(output_shape_.Prepended(batch()));
}

void Reshape::OnBackward(const Tensor& output_gradient,
                         bool /*want_input_gradient*/) {
  input_gradient_ = output_gradient.Reshaped(input_.shape());
}

}  // namespace lamella
