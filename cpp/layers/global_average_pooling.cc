#include "layers/global_average_pooling.h"

#include "kernels/pooling.h"

namespace lamella {

Shape GlobalAveragePooling2D::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  return {input_shape[0]};
}

void GlobalAveragePooling2D::OnForward(const ForwardArguments& /*arguments*/) {
  GlobalAveragePool(engine().pool(), batch() * input_shape_[0], Pixels(),
                    input_.data(), NewOutput());
}

void GlobalAveragePooling2D::OnBackward(const Tensor& output_gradient,
                                        const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  GlobalAveragePoolGradient(batch() * input_shape_[0], Pixels(),
                            output_gradient.data(), NewInputGradient());
}

}  // namespace lamella
