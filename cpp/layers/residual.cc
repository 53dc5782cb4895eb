#include "layers/residual.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "kernels/elementwise.h"
#include "layers/guards.h"

namespace lamella {
namespace {

Shape BuildChain(Layer::Chain chain, Shape shape) {
  for (const auto& layer : chain) {
    layer->Build(shape);
    shape = layer->output_shape();
  }
  return shape;
}

}  // namespace

Residual::Residual(Engine& engine, Layers layers, size_t count)
    : Container(engine, kType, std::move(layers)),
      count_(std::min(count, all().size())),
      chains_{Chain(all()).first(count_), Chain(all()).subspan(count_)} {
  if (count == 0) Fail(ErrorKind::kValue, "needs at least one layer");
  plan_.AddOutput(plan_.Append(chains_[0], plan_.input()));
  plan_.AddOutput(plan_.Append(chains_[1], plan_.input()));
  plan_.Decide();
}

std::string Residual::Name(size_t i, const std::string& name) const {
  return i < count_ ? Format("layers_{}_{}", {i, name})
                    : Format("shortcut_{}_{}", {i - count_, name});
}

Shape Residual::OutputShape(const Shape& input_shape) const {
  std::vector<std::shared_ptr<Layer>> all;
  CollectLayers(this->all(), all);
  BuildGuard guard(all);
  const Shape output = BuildChain(chains_[0], input_shape);
  const Shape carried = BuildChain(chains_[1], input_shape);
  if (!(output == carried)) {
    Fail(ErrorKind::kShape,
         "the layers make {} of {}, the shortcut {}; their shapes must agree, "
         "by a shortcut of layers where needed",
         {output, input_shape, carried});
  }
  guard.Done();
  return output;
}

void Residual::OnForward(const ForwardArguments& arguments) {
  Tensor ends[2];
  plan_.Forward(input_, arguments.training, ends);
  const auto& [output, carried] = ends;
  CheckUnchanged(carried, output.shape());
  output_.Reset(output.shape());
  Add(engine().pool(), output.data(), carried.data(), output_.data(),
      output_.size());
}

void Residual::OnBackward(const Tensor& output_gradient,
                          const BackwardArguments& arguments) {
  input_gradient_ = Tensor();
  input_gradient_ = plan_.Backward(std::array{output_gradient, output_gradient},
                                   arguments.want_input_gradient);
}

}  // namespace lamella
