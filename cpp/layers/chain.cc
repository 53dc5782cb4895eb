#include "layers/chain.h"

namespace lamella {

const Tensor& ForwardChain(Layer::Chain chain, const Tensor& input,
                           bool training) {
  const Tensor* activations = &input;
  for (size_t i = 0; i < chain.size(); ++i) {
    Layer& layer = *chain[i];
    const bool rectify = i + 1 < chain.size() && chain[i + 1]->IsRelu() &&
                         layer.CanRectifyOutput();
    activations = &layer.Forward(*activations, training, rectify);
    if (rectify) chain[++i]->AdoptOutput(*activations);
  }
  return *activations;
}

const Tensor& BackwardChain(Layer::Chain chain, const Tensor& output_gradient,
                            bool want_input_gradient) {
  size_t first = 0;
  if (!want_input_gradient) {
    while (first < chain.size() && !chain[first]->learns()) ++first;
  }
  const Tensor* gradients = &output_gradient;
  for (size_t i = chain.size(); i-- > first;) {
    Layer& layer = *chain[i];
    const bool want = want_input_gradient || i > first;
    const bool rectify =
        i > first && chain[i - 1]->IsRelu() && layer.CanRectifyGradient();
    gradients = &layer.Backward(*gradients, want, rectify);
    if (rectify) --i;
  }
  return *gradients;
}

}  // namespace lamella
