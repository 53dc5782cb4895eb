#include "layers/layer.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace lamella {

Parameter::Parameter(Engine& engine, std::string_view name, const Shape& shape,
                     bool decays)
    : name(name),
      value(engine, shape),
      gradient(engine, shape),
      decays(decays) {}
Parameter::Parameter(std::string name, const Tensor& value,
                     const Tensor& gradient, bool trainable)
    : name(std::move(name)),
      value(value),
      gradient(gradient),
      trainable(trainable) {}

Layer::Layer(Engine& engine, std::string_view type) : Component(engine, type) {}
Layer::~Layer() = default;

void Layer::Fail(ErrorKind kind, std::string_view format,
                 const Arguments& arguments) const {
  Throw(kind, "{}: {}", {type(), Format(format, arguments)});
}

void Layer::CheckImages(const Shape& input_shape) const {
  if (input_shape.rank() == 3) return;
  Fail(ErrorKind::kShape,
       "input must be images [channels, height, width], got {}", {input_shape});
}

void Layer::CheckBuilt(std::string_view what) const {
  if (built_) return;
  Fail(ErrorKind::kState, "{} known after build()", {what});
}

void Layer::Build(const Shape& input_shape) {
  if (built_ && input_shape_ == input_shape) return;
  if (declared_) {
    Fail(ErrorKind::kShape, "was created for input shape {}, got {}",
         {input_shape_, input_shape});
  }
  if (built_ && in_use()) {
    Fail(ErrorKind::kState,
         "is part of a model, in which its input has shape {}; create another "
         "layer for {}",
         {input_shape_, input_shape});
  }
  if (input_shape.size() == 0) {
    Fail(ErrorKind::kShape, "input shape must not hold a 0, got {}",
         {input_shape});
  }
  const Shape output_shape = OutputShape(input_shape);
  // The shapes are as before unless everything succeeds.
  struct Shapes {
    ~Shapes() {
      layer.input_shape_ = input;
      layer.output_shape_ = output;
    }
    Layer& layer;
    Shape input, output;
  } kept{*this, input_shape_, output_shape_};
  input_shape_ = input_shape;
  output_shape_ = output_shape;
  OnBuild();
  kept.input = input_shape;
  kept.output = output_shape;
  built_ = true;
  input_ = output_ = input_gradient_ = Tensor();
}

void Layer::DeclareInputShape(const Shape& input_shape) {
  Build(input_shape);
  declared_ = true;
}

const Shape& Layer::input_shape() const {
  CheckBuilt("inputShape is");
  return input_shape_;
}

const Shape& Layer::output_shape() const {
  CheckBuilt("outputShape is");
  return output_shape_;
}

const Tensor& Layer::Forward(const Tensor& input,
                             const ForwardArguments& arguments) {
  assert(!arguments.rectify || Describe().rectifies_output);
  assert(arguments.normalization == nullptr || Describe().normalizes_output);
  const Shape& shape = input.shape();
  if (shape.rank() < 2) {
    Fail(ErrorKind::kShape,
         "input must have a batch dimension and at least one more, got {}",
         {shape});
  }
  if (shape[0] == 0) {
    Fail(ErrorKind::kShape, "the batch must not be empty, got {}", {shape});
  }
  const Shape sample = shape.WithoutFirst();
  if (built_) {
    if (!(sample == input_shape_)) {
      Fail(ErrorKind::kShape,
           "input must have shape {} after the batch dimension, got {}",
           {input_shape_, shape});
    }
  } else if (NeedsBuild()) {
    Fail(ErrorKind::kState,
         "not built; call build(inputShape), give the input size to the "
         "constructor, or put the layer into a Model");
  } else {
    const Shape output = OutputShape(sample);
    input_shape_ = sample;
    output_shape_ = output;
  }
  // Without an input there is no backward pass over half a forward pass.
  struct Pass {
    ~Pass() {
      if (!done) layer.input_ = Tensor();
    }
    Layer& layer;
    bool done = false;
  } pass{*this};
  input_ = input;
  OnForward(arguments);
  CheckUnchanged(output_, output_shape_.Prepended(shape[0]));
  pass.done = true;
  return output_;
}

void Layer::CheckOutputGradient(const Tensor& output_gradient) const {
  if (input_.empty()) {
    Fail(ErrorKind::kState, "backward() needs a forward() before it");
  }
  const Shape wanted = output_shape_.Prepended(batch());
  if (!(output_gradient.shape() == wanted)) {
    Fail(ErrorKind::kShape,
         "output gradient must have the shape of the output, {}, got {}",
         {wanted, output_gradient.shape()});
  }
}

const Tensor& Layer::Backward(const Tensor& output_gradient,
                              const BackwardArguments& arguments) {
  assert(!arguments.rectify || Describe().rectifies_gradient);
  CheckOutputGradient(output_gradient);
  const Shape wanted = input_.shape();
  OnBackward(output_gradient, arguments);
  if (arguments.want_input_gradient) CheckUnchanged(input_gradient_, wanted);
  return input_gradient_;
}

void Layer::CheckUnchanged(const Tensor& result, const Shape& wanted) const {
  if (result.shape() == wanted) return;
  Fail(ErrorKind::kState,
       "was used for another batch while a pass was on its way; it made {} in "
       "the place of {}",
       {result.shape(), wanted});
}

void Layer::AdoptOutput(const Tensor& output) {
  assert(built_);
  CheckUnchanged(output, output_shape_.Prepended(output.shape()[0]));
  output_ = output;
  input_ = Describe().is_relu ? output : Tensor();
}

float* Layer::NewOutput() {
  output_.Reset(output_shape_.Prepended(batch()));
  return output_.data();
}

float* Layer::NewInputGradient() {
  input_gradient_.Reset(input_.shape());
  return input_gradient_.data();
}

std::vector<Parameter> Layer::Params() {
  if (NeedsBuild()) CheckBuilt("params are");
  std::vector<Parameter> params;
  CollectParams(params);
  return params;
}

std::vector<Parameter> Layer::State() {
  std::vector<Parameter> state;
  CollectState(state);
  return state;
}

Config Layer::GetConfig() const {
  Config config = Component::GetConfig();
  if (WritesInputShape()) config.Set("inputShape", input_shape_.dims());
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
