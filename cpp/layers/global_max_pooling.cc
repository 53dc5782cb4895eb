#include "layers/global_max_pooling.h"

namespace lamella {

Shape GlobalMaxPooling2D::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  return {input_shape[0]};
}

PoolingGeometry GlobalMaxPooling2D::Geometry() const {
  const size_t height = input_shape_[1], width = input_shape_[2];
  return {.height = height,
          .width = width,
          .vertical = {.size = height},
          .horizontal = {.size = width}};
}

void GlobalMaxPooling2D::OnForward(const ForwardArguments& /*arguments*/) {
  // It keeps its size when the batch gets smaller.
  if (places_.size() < Planes()) places_ = std::vector<uint32_t>(Planes());
  MaxPool(engine().pool(), Geometry(), Planes(), input_.data(), NewOutput(),
          places_.data());
}

void GlobalMaxPooling2D::OnBackward(const Tensor& output_gradient,
                                    const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  MaxPoolGradient(engine().pool(), Geometry(), Planes(), output_gradient.data(),
                  places_.data(), nullptr, NewInputGradient());
}

}  // namespace lamella
