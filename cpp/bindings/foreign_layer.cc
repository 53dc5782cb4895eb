#include "bindings/foreign_layer.h"

#include <emscripten/bind.h>

#include <utility>

#include "base/error.h"
#include "bindings/convert.h"

namespace lamella::bindings {

using emscripten::val;

ForeignLayer::ForeignLayer(const val& adapter)
    : Layer(adapter["type"].as<std::string>()), adapter_(adapter) {}

Shape ForeignLayer::OutputShape(const Shape& input_shape) const {
  return ToShape(type().c_str(), "outputShape",
                 adapter_.call<val>("build", FromShape(input_shape)));
}

void ForeignLayer::CollectParams(std::vector<Parameter>& params) {
  params = ToParameters(adapter_.call<val>("params"));
}

void ForeignLayer::CollectState(std::vector<NamedTensor>& state) {
  state = ToNamedTensors(adapter_.call<val>("state"));
}

void ForeignLayer::WriteConfig(Config& config) const {
  config = ToConfig(type().c_str(), adapter_.call<val>("getConfig"));
}

void ForeignLayer::OnForward(bool training) {
  output_ = adapter_.call<val>("forward", input_, training).as<Tensor>();
  const Shape wanted = output_shape_.Prepended(batch());
  if (!(output_.shape() == wanted)) {
    Fail(ErrorKind::kShape,
         "forward() must return a tensor of shape {}, got {}",
         {wanted, output_.shape()});
  }
}

void ForeignLayer::OnBackward(const Tensor& output_gradient,
                              bool /*want_input_gradient*/) {
  input_gradient_ =
      adapter_.call<val>("backward", output_gradient).as<Tensor>();
  if (!(input_gradient_.shape() == input_.shape())) {
    Fail(ErrorKind::kShape,
         "backward() must return a tensor of the input's shape {}, got {}",
         {input_.shape(), input_gradient_.shape()});
  }
}

}  // namespace lamella::bindings
