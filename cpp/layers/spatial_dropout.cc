#include "layers/spatial_dropout.h"

#include "kernels/row_factors.h"

namespace lamella {

SpatialDropout2D::SpatialDropout2D(Engine& engine, ConfigReader& reader)
    : RandomLayer(engine, kType, RandomPurpose::kDropout),
      probability_(reader.Number("probability", 0, 1, 0.5)) {}

Shape SpatialDropout2D::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  return input_shape;
}

void SpatialDropout2D::WriteConfig(Config& config) const {
  config.Set("probability", probability_);
}

void SpatialDropout2D::Scale(const Tensor& from, float* to) {
  const size_t planes = factors_.size();
  MultiplyRows(engine().pool(), planes, from.size() / planes, from.data(),
               factors_.data(), to);
}

void SpatialDropout2D::OnForward(const ForwardArguments& arguments) {
  masked_ = arguments.training && probability_ > 0;
  if (!masked_) {
    output_ = input_;
    return;
  }
  const float kept =
      probability_ < 1 ? static_cast<float>(1 / (1 - probability_)) : 0.0f;
  factors_.Reset({batch(), input_shape_[0]});
  float* output = NewOutput();  // Before the random numbers move on.
  stream().FillMask(factors_.values(), probability_, kept);
  Scale(input_, output);
}

void SpatialDropout2D::OnBackward(const Tensor& output_gradient,
                                  const BackwardArguments& arguments) {
  if (!masked_) {
    input_gradient_ = output_gradient;
  } else if (arguments.want_input_gradient) {
    Scale(output_gradient, NewInputGradient());
  }
}

}  // namespace lamella
