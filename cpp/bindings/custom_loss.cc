#include "bindings/custom_loss.h"

#include <emscripten/bind.h>

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace lamella::bindings {

CustomLoss::CustomLoss(Engine& engine, std::string_view type,
                       LossAdapter adapter)
    : Loss(engine, type), adapter_(std::move(adapter)) {}

double CustomLoss::OnCompute(const Tensor& output, const Tensor& expected,
                             Tensor& gradient,
                             std::span<const float> /*class_weights*/) const {
  const double value = adapter_.call<double>("value", output, expected);
  const auto own = adapter_.call<Tensor>("gradient", output, expected);
  if (!(own.shape() == output.shape())) {
    ThrowShapeError(
        "{}: gradient() must return a tensor of the output's shape {}, got {}",
        {type(), output.shape(), own.shape()});
  }
  std::ranges::copy(own.values(), gradient.data());
  return value;
}

}  // namespace lamella::bindings
