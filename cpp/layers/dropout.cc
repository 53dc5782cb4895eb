#include "layers/dropout.h"

#include "kernels/elementwise.h"

namespace lamella {

Dropout::Dropout(Engine& engine, ConfigReader& reader)
    : Layer(engine, kType),
      probability_(reader.Number("probability", 0, 1, 0.5)),
      random_(0, RandomPurpose::kDropout, engine.NextStandaloneIndex()) {}

void Dropout::WriteConfig(Config& config) const {
  config.Set("probability", probability_);
}

void Dropout::Seed(const LayerSeed& seed) {
  random_ = RandomStream(seed.seed, RandomPurpose::kDropout, seed.index);
}

void Dropout::OnForward(const ForwardArguments& arguments) {
  masked_ = arguments.training && probability_ > 0;
  if (!masked_) {
    output_ = input_;
    return;
  }
  const float kept =
      probability_ < 1 ? static_cast<float>(1 / (1 - probability_)) : 0.0f;
  mask_.Reset(input_.shape());
  float* output = NewOutput();  // Before the random numbers move on.
  random_.FillMask(mask_.values(), probability_, kept);
  Multiply(engine().pool(), input_.data(), mask_.data(), output, input_.size());
}

void Dropout::OnBackward(const Tensor& output_gradient,
                         const BackwardArguments& /*arguments*/) {
  if (!masked_) {
    input_gradient_ = output_gradient;
    return;
  }
  Multiply(engine().pool(), output_gradient.data(), mask_.data(),
           NewInputGradient(), input_.size());
}

}  // namespace lamella
