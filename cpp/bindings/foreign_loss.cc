#include "bindings/foreign_loss.h"

#include <algorithm>

#include "base/error.h"
#include "bindings/wire.h"

namespace lamella::bindings {

ForeignLoss::ForeignLoss(std::string_view type, AdapterId adapter)
    : Loss(type), adapter_(adapter) {}

double ForeignLoss::OnCompute(const Tensor& output, const Tensor& expected,
                              Tensor& gradient,
                              std::span<const float> /*class_weights*/) const {
  const double value =
      adapter_.Call<Numbers>("value", NewTensor(output), NewTensor(expected))
          .items()[0];
  const Tensor own =
      adapter_.Call<Tensor>("gradient", NewTensor(output), NewTensor(expected));
  if (!(own.shape() == output.shape())) {
    ThrowShapeError(
        "{}: gradient() must return a tensor of the output's shape {}, got {}",
        {type(), output.shape(), own.shape()});
  }
  std::ranges::copy(own.values(), gradient.data());
  return value;
}

}  // namespace lamella::bindings
