#include "bindings/foreign_loss.h"

#include <emscripten/bind.h>

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace lamella::bindings {

using emscripten::val;

ForeignLoss::ForeignLoss(val adapter)
    : adapter_(std::move(adapter)), type_(adapter_["type"].as<std::string>()) {}

double ForeignLoss::OnCompute(const Tensor& output, const Tensor& expected,
                              Tensor& gradient,
                              std::span<const float> /*class_weights*/) const {
  const val result = adapter_.call<val>("compute", output, expected);
  const Tensor own = result["gradient"].as<Tensor>();
  if (!(own.shape() == output.shape())) {
    ThrowShapeError(
        Cat(type_, ": gradient() must return a tensor of the output's shape ",
            output.shape(), ", got ", own.shape()));
  }
  std::ranges::copy(own.values(), gradient.data());
  return result["value"].as<double>();
}

}  // namespace lamella::bindings
