#include "bindings/foreign_loss.h"

#include <emscripten/bind.h>

#include <algorithm>

#include "base/error.h"

namespace lamella::bindings {

using emscripten::val;

ForeignLoss::ForeignLoss(const val& adapter)
    : Loss(adapter["type"].as<std::string>()), adapter_(adapter) {}

double ForeignLoss::OnCompute(const Tensor& output, const Tensor& expected,
                              Tensor& gradient,
                              std::span<const float> /*class_weights*/) const {
  const val result = adapter_.call<val>("compute", output, expected);
  const Tensor own = result["gradient"].as<Tensor>();
  if (!(own.shape() == output.shape())) {
    ThrowShapeError(
        "{}: gradient() must return a tensor of the output's shape {}, got {}",
        {type(), output.shape(), own.shape()});
  }
  std::ranges::copy(own.values(), gradient.data());
  return result["value"].as<double>();
}

}  // namespace lamella::bindings
