#include "bindings/foreign_layer.h"

#include <emscripten/bind.h>

#include <utility>

#include "base/error.h"
#include "bindings/convert.h"

namespace lamella::bindings {

using emscripten::val;

ForeignLayer::ForeignLayer(val adapter)
    : adapter_(std::move(adapter)), type_(adapter_["type"].as<std::string>()) {}

Shape ForeignLayer::OutputShape(const Shape& input_shape) const {
  return ToShape(Cat(type_, ": outputShape"),
                 adapter_.call<val>("build", FromShape(input_shape)));
}

std::vector<Parameter> ForeignLayer::Params() {
  return ToParameters(adapter_.call<val>("params"));
}

std::vector<NamedTensor> ForeignLayer::State() {
  return ToNamedTensors(adapter_.call<val>("state"));
}

void ForeignLayer::WriteConfig(Config& config) const {
  config = ToConfig(type_, adapter_.call<val>("getConfig"));
}

void ForeignLayer::OnForward(bool training) {
  output_ = adapter_.call<val>("forward", input_, training).as<Tensor>();
  const Shape wanted = output_shape_.Prepended(batch());
  if (!(output_.shape() == wanted)) {
    ThrowShapeError(Message(Cat("forward() must return a tensor of shape ",
                                wanted, ", got ", output_.shape())));
  }
}

void ForeignLayer::OnBackward(const Tensor& output_gradient,
                              bool /*want_input_gradient*/) {
  input_gradient_ =
      adapter_.call<val>("backward", output_gradient).as<Tensor>();
  if (!(input_gradient_.shape() == input_.shape())) {
    ThrowShapeError(
        Message(Cat("backward() must return a tensor of the input's shape ",
                    input_.shape(), ", got ", input_gradient_.shape())));
  }
}

}  // namespace lamella::bindings
