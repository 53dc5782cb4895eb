#include "finite_difference.h"

#include <cmath>
#include <vector>

namespace lamella::test {
namespace {

// The central difference of f at x over `step`.
Rounded Difference(float& x, float step, const std::function<Rounded()>& f) {
  const float middle = x;
  const float above = middle + step, below = middle - step;
  x = above;
  const Rounded upper = f();
  x = below;
  const Rounded lower = f();
  x = middle;
  // Not 2 * step: x + step is rounded.
  const double distance = static_cast<double>(above) - below;
  return {(upper.value - lower.value) / distance,
          (upper.error + lower.error) / distance};
}

}  // namespace

::testing::AssertionResult IsDerivative(std::string_view name, Tensor operand,
                                        const Tensor& gradient,
                                        const std::function<Rounded()>& f) {
  if (!(gradient.shape() == operand.shape())) {
    return ::testing::AssertionFailure()
           << name << ": gradient of shape " << ToText(gradient.shape())
           << ", expected " << ToText(operand.shape());
  }
  // A gradient of nothing but zeros would not test anything.
  if (MaxAbs(gradient.values()) == 0.0) {
    return ::testing::AssertionFailure() << name << ": gradient is all zero";
  }
  std::vector<double> wanted(operand.size()), tolerance(operand.size());
  for (size_t i = 0; i < operand.size(); ++i) {
    const Rounded near = Difference(operand.data()[i], kStep, f);
    const Rounded far = Difference(operand.data()[i], 2 * kStep, f);
    const double change = (near.value - far.value) / 3;
    wanted[i] = near.value + change;
    tolerance[i] = (4 * near.error + far.error) / 3 + std::fabs(change) / 10 +
                   8 * kEpsilon * std::fabs(wanted[i]);
  }
  return Close(name, gradient.values(), wanted, tolerance)
         << ", shape " << ToText(operand.shape());
}

Rounded Dot(const Tensor& a, double relative_error, const Tensor& b) {
  Rounded dot;
  for (size_t i = 0; i < a.size(); ++i) {
    const double term = static_cast<double>(a.data()[i]) * b.data()[i];
    dot.value += term;
    dot.error += relative_error * std::fabs(term);
  }
  return dot;
}

}  // namespace lamella::test
