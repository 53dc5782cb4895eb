#include "layers/permute.h"

#include <span>

#include "kernels/permute_axes.h"

namespace lamella {

Permute::Permute(Engine& engine, ConfigReader& reader)
    : Layer(engine, kType), dims_(reader.OptionalDims("dims")) {
  constexpr size_t kMostDims = Shape::kMaxRank - 1;
  if (dims_.empty()) {
    Fail(ErrorKind::kType,
         "dims is required: a list of the axes of a sample, counted from 1");
  }
  if (dims_.size() > kMostDims) {
    Fail(ErrorKind::kValue, "dims must name at most {} axes, got {} of them",
         {kMostDims, dims_.size()});
  }
  order_.resize(dims_.size() + 1);
  inverse_.resize(dims_.size() + 1);
  for (size_t i = 1; i <= dims_.size(); ++i) {
    const size_t axis = dims_[i - 1];
    if (axis > dims_.size() || inverse_[axis] != 0) {
      Fail(ErrorKind::kValue,
           "dims must hold each number from 1 to {} once, got {}",
           {dims_.size(), std::span<const size_t>(dims_)});
    }
    order_[i] = axis;
    inverse_[axis] = i;
  }
}

Shape Permute::OutputShape(const Shape& input_shape) const {
  if (input_shape.rank() != dims_.size()) {
    Fail(ErrorKind::kShape,
         "input must have the {} axes that dims {} name, got {}",
         {dims_.size(), std::span<const size_t>(dims_), input_shape});
  }
  Shape output_shape = input_shape;
  for (size_t i = 0; i < dims_.size(); ++i) {
    output_shape = output_shape.With(i, input_shape[dims_[i] - 1]);
  }
  return output_shape;
}

void Permute::WriteConfig(Config& config) const { config.Set("dims", dims_); }

void Permute::OnForward(const ForwardArguments& /*arguments*/) {
  PermuteAxes(engine().pool(), input_.shape().dims(), order_, input_.data(),
              NewOutput());
}

void Permute::OnBackward(const Tensor& output_gradient,
                         const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  PermuteAxes(engine().pool(), output_gradient.shape().dims(), inverse_,
              output_gradient.data(), NewInputGradient());
}

}  // namespace lamella
