#include "layers/layer.h"

#include <algorithm>

#include "base/error.h"

namespace lamella {

std::string Layer::Message(std::string_view text) const {
  return Cat(type(), ": ", text);
}

void Layer::Build(const Shape& input_shape) {
  if (built_ && input_shape_ == input_shape) return;
  if (declared_) {
    ThrowShapeError(Message(Cat("was created for input shape ", input_shape_,
                                ", got ", input_shape)));
  }
  for (size_t dim : input_shape.dims()) {
    if (dim == 0) {
      ThrowShapeError(
          Message(Cat("input shape must not hold a 0, got ", input_shape)));
    }
  }
  const Shape output_shape = OutputShape(input_shape);
  const Shape old_input = std::exchange(input_shape_, input_shape);
  const Shape old_output = std::exchange(output_shape_, output_shape);
  try {
    OnBuild();
  } catch (...) {
    input_shape_ = old_input;
    output_shape_ = old_output;
    throw;
  }
  built_ = true;
  input_ = output_ = input_gradient_ = Tensor();
}

void Layer::DeclareInputShape(const Shape& input_shape) {
  Build(input_shape);
  declared_ = true;
}

const Shape& Layer::input_shape() const {
  if (!built_) ThrowStateError(Message("inputShape is known after build()"));
  return input_shape_;
}

const Shape& Layer::output_shape() const {
  if (!built_) ThrowStateError(Message("outputShape is known after build()"));
  return output_shape_;
}

const Tensor& Layer::Forward(const Tensor& input, bool training) {
  if (input.shape().rank() < 2) {
    ThrowShapeError(Message(
        Cat("input must have a batch dimension and at least one more, got ",
            input.shape())));
  }
  if (input.shape()[0] == 0) {
    ThrowShapeError(
        Message(Cat("the batch must not be empty, got ", input.shape())));
  }
  const Shape sample = input.shape().WithoutFirst();
  if (built_) {
    if (!(sample == input_shape_)) {
      ThrowShapeError(
          Message(Cat("input must have shape ", input_shape_,
                      " after the batch dimension, got ", input.shape())));
    }
  } else if (NeedsBuild()) {
    ThrowStateError(
        Message("not built; call build(inputShape), give the input size to "
                "the constructor, or put the layer into a Model"));
  } else {
    const Shape output = OutputShape(sample);
    input_shape_ = sample;
    output_shape_ = output;
  }
  input_ = input;
  try {
    OnForward(training);
  } catch (...) {
    // Without an input there is no backward pass over half a forward pass.
    input_ = Tensor();
    throw;
  }
  return output_;
}

void Layer::CheckOutputGradient(const Tensor& output_gradient) const {
  if (input_.empty()) {
    ThrowStateError(Message("backward() needs a forward() before it"));
  }
  const Shape wanted = output_shape_.Prepended(batch());
  if (!(output_gradient.shape() == wanted)) {
    ThrowShapeError(
        Message(Cat("output gradient must have the shape of the output, ",
                    wanted, ", got ", output_gradient.shape())));
  }
}

const Tensor& Layer::Backward(const Tensor& output_gradient) {
  CheckOutputGradient(output_gradient);
  OnBackward(output_gradient, true);
  return input_gradient_;
}

void Layer::BackwardParams(const Tensor& output_gradient) {
  CheckOutputGradient(output_gradient);
  OnBackward(output_gradient, false);
}

void Layer::Copy(std::string_view what, const std::vector<NamedTensor>& from,
                 std::vector<NamedTensor> to) const {
  // Everything is checked before anything is written.
  for (const NamedTensor& source : from) {
    const auto target = std::ranges::find(to, source.name, &NamedTensor::name);
    if (target == to.end()) {
      std::string known;
      for (const NamedTensor& each : to) {
        known += (known.empty() ? "" : ", ") + each.name;
      }
      ThrowValueError(
          Message(Cat("unknown ", what, " '", source.name,
                      "'; known are: ", known.empty() ? "none" : known)));
    }
    if (!(source.value.shape() == target->value.shape())) {
      ThrowShapeError(
          Message(Cat(what, " '", source.name, "' has shape ",
                      target->value.shape(), ", got ", source.value.shape())));
    }
  }
  for (const NamedTensor& source : from) {
    auto target = std::ranges::find(to, source.name, &NamedTensor::name);
    std::ranges::copy(source.value.values(), target->value.data());
  }
}

void Layer::LoadParams(const std::vector<NamedTensor>& values) {
  std::vector<NamedTensor> own;
  for (Parameter& parameter : Params()) {
    own.push_back({parameter.name, parameter.value});
  }
  Copy("parameter", values, std::move(own));
  OnParamsLoaded();
}

void Layer::LoadState(const std::vector<NamedTensor>& values) {
  Copy("state", values, State());
}

Config Layer::GetConfig() const {
  Config config;
  WriteConfig(config);
  if (WritesInputShape()) {
    const auto dims = input_shape_.dims();
    config.Set("inputShape", std::vector<double>(dims.begin(), dims.end()));
  }
  return config;
}

void Layer::ReleaseActivations() {
  input_ = Tensor();
  if (!output_.SoleOwner()) output_ = Tensor();
}

void Layer::ReleaseGradient() {
  if (!input_gradient_.SoleOwner()) input_gradient_ = Tensor();
}

}  // namespace lamella
