#include "layers/repeat.h"

#include "kernels/repeat.h"

namespace lamella {

Repeat::Repeat(Engine& engine, ConfigReader& reader)
    : Layer(engine, kType), n_(reader.Integer("n", 1)) {}

Shape Repeat::OutputShape(const Shape& input_shape) const {
  if (input_shape.rank() != 1) {
    Fail(ErrorKind::kShape, "input must be vectors [features], got {}",
         {input_shape});
  }
  return {n_, input_shape[0]};
}

void Repeat::WriteConfig(Config& config) const { config.Set("n", n_); }

void Repeat::OnForward(const ForwardArguments& /*arguments*/) {
  RepeatRows(engine().pool(), input_.data(), batch(), input_shape_[0], n_,
             NewOutput());
}

void Repeat::OnBackward(const Tensor& output_gradient,
                        const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  RepeatRowsGradient(engine().pool(), output_gradient.data(), batch(),
                     input_shape_[0], n_, NewInputGradient());
}

}  // namespace lamella
