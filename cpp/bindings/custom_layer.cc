#include "bindings/custom_layer.h"

#include <emscripten/bind.h>

#include <utility>

#include "base/error.h"
#include "bindings/values.h"

namespace lamella::bindings {

using emscripten::val;

CustomLayer::CustomLayer(Engine& engine, std::string_view type,
                         LayerAdapter adapter)
    : Layer(engine, type), adapter_(std::move(adapter)) {}

Shape CustomLayer::OutputShape(const Shape& input_shape) const {
  return ToShape(adapter_.call<Numbers>("build", FromShape(input_shape)));
}

void CustomLayer::CollectParams(std::vector<Parameter>& params) {
  params = ToParameters(adapter_.call<val>("params"));
}

void CustomLayer::CollectState(std::vector<Parameter>& state) {
  state = ToParameters(adapter_.call<val>("state"));
}

void CustomLayer::OnForward(const ForwardArguments& arguments) {
  output_ = adapter_.call<Tensor>("forward", input_, arguments.training);
  const Shape wanted = output_shape_.Prepended(batch());
  if (!(output_.shape() == wanted)) {
    Fail(ErrorKind::kShape,
         "forward() must return a tensor of shape {}, got {}",
         {wanted, output_.shape()});
  }
}

void CustomLayer::OnBackward(const Tensor& output_gradient,
                             const BackwardArguments& /*arguments*/) {
  input_gradient_ = adapter_.call<Tensor>("backward", output_gradient);
  if (!(input_gradient_.shape() == input_.shape())) {
    Fail(ErrorKind::kShape,
         "backward() must return a tensor of the input's shape {}, got {}",
         {input_.shape(), input_gradient_.shape()});
  }
}

}  // namespace lamella::bindings
