#include "layers/gaussian_noise.h"

#include <cmath>
#include <limits>

#include "kernels/noise.h"

namespace lamella {

GaussianNoise::GaussianNoise(Engine& engine, ConfigReader& reader)
    : RandomLayer(engine, kType, RandomPurpose::kNoise),
      standard_deviation_(reader.Number(
          "standardDeviation", 0, std::numeric_limits<double>::infinity(),
          std::numeric_limits<double>::quiet_NaN())) {
  // NaN, the default, stands for a missing one: a configuration cannot hold it.
  if (!std::isnan(standard_deviation_)) return;
  Fail(ErrorKind::kType,
       "standardDeviation is required: a finite number of at least 0");
}

void GaussianNoise::WriteConfig(Config& config) const {
  config.Set("standardDeviation", standard_deviation_);
}

void GaussianNoise::OnForward(const ForwardArguments& arguments) {
  if (!arguments.training || standard_deviation_ == 0) {
    output_ = input_;
    return;
  }
  float* output = NewOutput();  // Before the random numbers move on.
  AddNormal(engine().pool(), stream(), static_cast<float>(standard_deviation_),
            input_.data(), output, input_.size());
}

void GaussianNoise::OnBackward(const Tensor& output_gradient,
                               const BackwardArguments& /*arguments*/) {
  input_gradient_ = output_gradient;
}

}  // namespace lamella
