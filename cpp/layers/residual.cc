#include "layers/residual.h"

#include <ranges>
#include <utility>

#include "base/error.h"
#include "kernels/elementwise.h"

namespace lamella {
namespace {

Shape BuildChain(const Residual::Chain& chain, Shape shape) {
  for (const auto& layer : chain) {
    layer->Build(shape);
    shape = layer->output_shape();
  }
  return shape;
}

const Tensor& ForwardChain(const Residual::Chain& chain, const Tensor& input,
                           bool training) {
  const Tensor* activations = &input;
  for (const auto& layer : chain) {
    activations = &layer->Forward(*activations, training);
  }
  return *activations;
}

// Null where nobody wants the gradient with respect to the input.
const Tensor* BackwardChain(const Residual::Chain& chain,
                            const Tensor& output_gradient,
                            bool want_input_gradient) {
  const Tensor* gradients = &output_gradient;
  for (const auto& layer : chain | std::views::reverse) {
    if (layer == chain.front() && !want_input_gradient) {
      layer->BackwardParams(*gradients);
      return nullptr;
    }
    gradients = &layer->Backward(*gradients);
  }
  return gradients;
}

}  // namespace

Residual::Residual(Chain layers, Chain shortcut)
    : layers_(std::move(layers)), shortcut_(std::move(shortcut)) {
  if (layers_.empty()) ThrowValueError("Residual: needs at least one layer");
}

template <typename Visit>
void Residual::ForEachLayer(Visit&& visit) const {
  for (size_t i = 0; i < layers_.size(); ++i) {
    visit(*layers_[i], Cat("layers_", i, "_"));
  }
  for (size_t i = 0; i < shortcut_.size(); ++i) {
    visit(*shortcut_[i], Cat("shortcut_", i, "_"));
  }
}

std::vector<Parameter> Residual::Params() {
  if (!built()) ThrowStateError(Message("params are known after build()"));
  std::vector<Parameter> params;
  ForEachLayer([&](Layer& layer, const std::string& prefix) {
    for (Parameter& parameter : layer.Params()) {
      parameter.name = prefix + parameter.name;
      parameter.trainable = parameter.trainable && layer.trainable();
      params.push_back(std::move(parameter));
    }
  });
  return params;
}

std::vector<NamedTensor> Residual::State() {
  if (!built()) ThrowStateError(Message("state is known after build()"));
  std::vector<NamedTensor> state;
  ForEachLayer([&](Layer& layer, const std::string& prefix) {
    for (NamedTensor& tensor : layer.State()) {
      state.push_back({prefix + tensor.name, std::move(tensor.value)});
    }
  });
  return state;
}

uint32_t Residual::params_version() const {
  // Without names, which this is asked for too often to make.
  uint32_t version = Layer::params_version();
  for (const auto& layer : layers_) version += layer->params_version();
  for (const auto& layer : shortcut_) version += layer->params_version();
  return version;
}

void Residual::set_trainable(bool trainable) {
  Layer::set_trainable(trainable);
  ForEachLayer([trainable](Layer& layer, const std::string&) {
    layer.set_trainable(trainable);
  });
}

void Residual::Seed(uint64_t seed, uint32_t index) {
  // Ten bits for the layers inside: models and containers have fewer.
  uint32_t inner = (index + 1) << 10;
  ForEachLayer(
      [&](Layer& layer, const std::string&) { layer.Seed(seed, inner++); });
}

std::vector<RandomStream*> Residual::RandomStreams() {
  std::vector<RandomStream*> streams;
  ForEachLayer([&](Layer& layer, const std::string&) {
    for (RandomStream* stream : layer.RandomStreams()) {
      streams.push_back(stream);
    }
  });
  return streams;
}

void Residual::ReleaseActivations() {
  Layer::ReleaseActivations();
  for (const Chain* chain : {&shortcut_, &layers_}) {
    for (const auto& layer : *chain | std::views::reverse) {
      layer->ReleaseActivations();
    }
  }
}

void Residual::ReleaseGradient() {
  Layer::ReleaseGradient();
  for (const Chain* chain : {&layers_, &shortcut_}) {
    for (const auto& layer : *chain) layer->ReleaseGradient();
  }
}

Shape Residual::OutputShape(const Shape& input_shape) const {
  const Shape output = BuildChain(layers_, input_shape);
  const Shape carried = BuildChain(shortcut_, input_shape);
  if (!(output == carried)) {
    ThrowShapeError(Message(Cat("the layers make ", output, " of ", input_shape,
                                ", the shortcut ", carried,
                                "; their shapes must agree, by a shortcut of "
                                "layers where needed")));
  }
  return output;
}

void Residual::OnParamsLoaded() {
  // Loading nothing tells a layer that its parameters have been loaded.
  ForEachLayer([](Layer& layer, const std::string&) { layer.LoadParams({}); });
}

void Residual::OnForward(bool training) {
  const Tensor& output = ForwardChain(layers_, input_, training);
  const Tensor& carried = ForwardChain(shortcut_, input_, training);
  output_.Reset(output.shape());
  Add(output.data(), carried.data(), output_.data(), output_.size());
}

void Residual::OnBackward(const Tensor& output_gradient,
                          bool want_input_gradient) {
  const Tensor* gradient =
      BackwardChain(layers_, output_gradient, want_input_gradient);
  const Tensor* carried =
      BackwardChain(shortcut_, output_gradient, want_input_gradient);
  if (!want_input_gradient) return;
  input_gradient_.Reset(input_.shape());
  Add(gradient->data(), carried->data(), input_gradient_.data(),
      input_gradient_.size());
}

}  // namespace lamella
