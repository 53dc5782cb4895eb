#include "bindings/foreign_layer.h"

#include "base/error.h"
#include "bindings/wire.h"

namespace lamella::bindings {

ForeignLayer::ForeignLayer(std::string_view type, AdapterId adapter)
    : Layer(type), adapter_(adapter) {}

Shape ForeignLayer::OutputShape(const Shape& input_shape) const {
  return ToShape(adapter_.Call<Numbers>("build", NewNumbers(input_shape)));
}

void ForeignLayer::CollectParams(std::vector<Parameter>& params) {
  params = ToParameters(adapter_.Call<Records>("params"));
}

void ForeignLayer::CollectState(std::vector<Parameter>& state) {
  state = ToParameters(adapter_.Call<Records>("state"));
}

void ForeignLayer::OnForward(bool training) {
  // What is no number of its own crosses as a pointer that is or is not null.
  output_ = adapter_.Call<Tensor>("forward", NewTensor(input_),
                                  training ? this : nullptr);
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
      adapter_.Call<Tensor>("backward", NewTensor(output_gradient));
  if (!(input_gradient_.shape() == input_.shape())) {
    Fail(ErrorKind::kShape,
         "backward() must return a tensor of the input's shape {}, got {}",
         {input_.shape(), input_gradient_.shape()});
  }
}

}  // namespace lamella::bindings
