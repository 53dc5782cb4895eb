#include "layers/dense.h"

#include "kernels/elementwise.h"
#include "kernels/gemm.h"
#include "kernels/reductions.h"

namespace lamella {
namespace {

// Tensors (outer, size, inner) as matrices (positions, size): single ones where
// a position's numbers lie side by side, else one for each of `outer`, whose
// memory holds its transpose.
struct Blocks {
  Blocks(Engine& engine, const AxisView& view)
      : engine(engine),
        in_rows(view.inner == 1),
        count(in_rows ? 1 : view.outer),
        positions(in_rows ? view.outer : view.inner) {}

  MatrixView At(const Tensor& tensor, size_t size, size_t n) const {
    const float* data = tensor.data() + n * size * positions;
    return in_rows ? MatrixView{data, size, 1} : MatrixView{data, 1, positions};
  }

  // y = x[positions, depth] * matrix[depth, size], plus a bias for each column
  // unless null; where memory holds y's transpose, its rows are those columns.
  void Multiply(const Tensor& x, size_t depth, MatrixView matrix, size_t size,
                const float* bias, bool rectify, Tensor& y) const {
    const size_t m = in_rows ? positions : size;
    const size_t width = in_rows ? size : positions;
    const GemmEpilogue epilogue = {.row_bias = in_rows ? nullptr : bias,
                                   .column_bias = in_rows ? bias : nullptr,
                                   .rectify = rectify};
    float* workspace =
        engine.Workspace(GemmWorkspaceSize(engine.pool(), m, width, depth));
    for (size_t n = 0; n < count; ++n) {
      const MatrixView block = At(x, depth, n);
      Gemm(engine.pool(), m, width, depth,
           in_rows ? block : matrix.Transposed(),
           in_rows ? matrix : block.Transposed(), y.data() + n * m * width,
           width, epilogue, workspace);
    }
  }

  Engine& engine;
  bool in_rows;
  size_t count, positions;
};

}  // namespace

Dense::Dense(Engine& engine, ConfigReader& reader)
    : WeightedLayer(engine, kType, reader),
      output_size_(reader.Integer("outputSize", 1)),
      axis_(kType, reader) {
  const auto input_size = reader.OptionalInteger("inputSize", 1);
  if (input_size.has_value()) DeclareInputShape({*input_size});
}

Shape Dense::OutputShape(const Shape& input_shape) const {
  return input_shape.With(axis_.Index(input_shape), output_size_);
}

void Dense::DeclareWeights(NewWeights& weights) const {
  const size_t inputs = Inputs();
  weights.Add({.name = "weights",
               .shape = {inputs, output_size_},
               .fan_in = inputs,
               .fan_out = output_size_});
  if (!no_bias()) weights.Add(Biases({1, output_size_}));
}

void Dense::WriteConfig(Config& config) const {
  config.Set("outputSize", output_size_);
  if (input_shape_.rank() == 1) config.Set("inputSize", input_shape_[0]);
  WeightedLayer::WriteConfig(config);
  axis_.WriteConfig(config);
}

void Dense::OnForward(const ForwardArguments& arguments) {
  NewOutput();
  Blocks(engine(), axis_.View(input_.shape()))
      .Multiply(input_, Inputs(), {weights(), output_size_, 1}, output_size_,
                biases(), arguments.rectify, output_);
}

void Dense::OnBackward(const Tensor& output_gradient,
                       const BackwardArguments& arguments) {
  MarkTrained();
  ThreadPool& pool = engine().pool();
  const AxisView view = axis_.View(input_.shape());
  const Blocks blocks(engine(), view);
  const size_t inputs = view.size, positions = blocks.positions;
  float* workspace = engine().Workspace(
      GemmWorkspaceSize(pool, inputs, output_size_, positions));
  for (size_t n = 0; n < blocks.count; ++n) {
    Gemm(pool, inputs, output_size_, positions,
         blocks.At(input_, inputs, n).Transposed(),
         blocks.At(output_gradient, output_size_, n), weights_gradient(),
         output_size_, {.accumulate = n > 0}, workspace);
  }
  if (!no_bias()) {
    if (blocks.in_rows) {
      SumRows(output_gradient.data(), positions, output_size_,
              biases_gradient());
    } else {
      SumChannels(pool, output_gradient.data(), view.outer, output_size_,
                  view.inner, biases_gradient());
    }
  }
  if (!arguments.want_input_gradient) return;
  float* input_gradient = NewInputGradient();
  blocks.Multiply(output_gradient, output_size_, {weights(), 1, output_size_},
                  inputs, nullptr, false, input_gradient_);
  if (arguments.rectify) {
    ReluGradient(pool, input_.data(), input_gradient, input_gradient,
                 input_.size());
  }
}

}  // namespace lamella
