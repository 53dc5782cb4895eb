#include "layers/dense.h"

#include "kernels/elementwise.h"
#include "kernels/gemm.h"
#include "kernels/reductions.h"
#include "tensor/workspace.h"

namespace lamella {

Dense::Dense(ConfigReader& reader)
    : WeightedLayer(kType, "weights", reader),
      output_size_(reader.Integer("outputSize", 1)) {
  const auto input_size = reader.OptionalInteger("inputSize", 1);
  if (input_size.has_value()) DeclareInputShape({*input_size});
}

Shape Dense::OutputShape(const Shape& input_shape) const {
  if (input_shape.rank() != 1) {
    Fail(ErrorKind::kShape, "input must be a vector per sample, got shape {}{}",
         {input_shape,
          input_shape.rank() > 1 ? "; put a Flatten layer before it" : ""});
  }
  return {output_size_};
}

Shape Dense::WeightsShape() const { return {input_shape_[0], output_size_}; }
Shape Dense::BiasesShape() const { return {1, output_size_}; }

void Dense::WriteConfig(Config& config) const {
  config.Set("outputSize", output_size_);
  if (built()) config.Set("inputSize", input_shape_[0]);
  WeightedLayer::WriteConfig(config);
}

void Dense::OnForward(bool /*training*/) {
  const size_t inputs = input_shape_[0];
  float* output = NewOutput();
  Gemm(batch(), output_size_, inputs, {input_.data(), inputs, 1},
       {weights(), output_size_, 1}, output, output_size_,
       {.column_bias = biases(), .rectify = rectify_output()},
       Workspace(GemmWorkspaceSize(batch(), output_size_, inputs)));
}

void Dense::OnBackward(const Tensor& output_gradient,
                       bool want_input_gradient) {
  MarkTrained();
  const size_t inputs = input_shape_[0];
  const MatrixView input{input_.data(), inputs, 1};
  const MatrixView weights{this->weights(), output_size_, 1};
  const MatrixView gradient{output_gradient.data(), output_size_, 1};

  Gemm(inputs, output_size_, batch(), input.Transposed(), gradient,
       weights_gradient(), output_size_, {},
       Workspace(GemmWorkspaceSize(inputs, output_size_, batch())));
  if (!no_bias()) {
    SumRows(output_gradient.data(), batch(), output_size_, biases_gradient());
  }
  if (!want_input_gradient) return;
  float* input_gradient = NewInputGradient();
  Gemm(batch(), inputs, output_size_, gradient, weights.Transposed(),
       input_gradient, inputs, {},
       Workspace(GemmWorkspaceSize(batch(), inputs, output_size_)));
  if (rectify_gradient()) {
    ReluGradient(input_.data(), input_gradient, input_gradient, input_.size());
  }
}

}  // namespace lamella
