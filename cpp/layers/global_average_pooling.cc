#include "layers/global_average_pooling.h"

#include "base/error.h"
#include "kernels/pooling.h"

namespace lamella {

std::shared_ptr<Layer> GlobalAveragePooling2D::FromConfig(
    ConfigReader& /*reader*/) {
  return std::make_shared<GlobalAveragePooling2D>();
}

Shape GlobalAveragePooling2D::OutputShape(const Shape& input_shape) const {
  if (input_shape.rank() != 3) {
    ThrowShapeError(Message(Cat(
        "input must be images [channels, height, width], got ", input_shape)));
  }
  return {input_shape[0]};
}

void GlobalAveragePooling2D::OnForward(bool /*training*/) {
  output_.Reset(output_shape_.Prepended(batch()));
  GlobalAveragePool(batch() * input_shape_[0], Pixels(), input_.data(),
                    output_.data());
}

void GlobalAveragePooling2D::OnBackward(const Tensor& output_gradient,
                                        bool want_input_gradient) {
  if (!want_input_gradient) return;
  input_gradient_.Reset(input_.shape());
  GlobalAveragePoolGradient(batch() * input_shape_[0], Pixels(),
                            output_gradient.data(), input_gradient_.data());
}

}  // namespace lamella
