#include "layers/rescaling.h"

#include <cmath>
#include <limits>

#include "kernels/affine.h"

namespace lamella {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// NaN, the default, stands for a missing one: a configuration cannot hold it.
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Rescaling::Rescaling(Engine& engine, ConfigReader& reader)
    : Layer(engine, kType),
      scale_(reader.Number("scale", -kInfinity, kInfinity, kMissing)),
      offset_(reader.Number("offset", -kInfinity, kInfinity, 0)) {
  if (!std::isnan(scale_)) return;
  Fail(ErrorKind::kType, "scale is required: a finite number");
}

void Rescaling::WriteConfig(Config& config) const {
  config.Set("scale", scale_);
  config.Set("offset", offset_);
}

void Rescaling::OnForward(const ForwardArguments& /*arguments*/) {
  Affine(engine().pool(), input_.data(), static_cast<float>(scale_),
         static_cast<float>(offset_), NewOutput(), input_.size());
}

void Rescaling::OnBackward(const Tensor& output_gradient,
                           const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  Affine(engine().pool(), output_gradient.data(), static_cast<float>(scale_),
         0.0f, NewInputGradient(), input_.size());
}

}  // namespace lamella
