// Derivatives by finite differences, with a tolerance for their own error.
#ifndef LAMELLA_TESTS_CPP_FINITE_DIFFERENCE_H_
#define LAMELLA_TESTS_CPP_FINITE_DIFFERENCE_H_

#include <functional>
#include <string_view>

#include "test_util.h"

namespace lamella::test {

/// Inputs keep more than twice this away from kinks.
inline constexpr float kStep = 0x1p-6f;

/// A value computed in float32, and an upper bound of its rounding error.
struct Rounded {
  double value = 0.0;
  double error = 0.0;
};

/// Whether `gradient` is the derivative of f with respect to every element of
/// `operand`, whose memory f reads.
///
/// Central differences D(h) and D(2h) are extrapolated to (4 D(h) - D(2h)) / 3,
/// which removes the error of order h^2. A tenth of what that changed covers
/// the order h^4; the rest of the tolerance is the rounding of f, divided by
/// the distance.
::testing::AssertionResult IsDerivative(std::string_view name, Tensor operand,
                                        const Tensor& gradient,
                                        const std::function<Rounded()>& f);

/// sum(a * b) in float64, where `a` carries a relative rounding error.
Rounded Dot(const Tensor& a, double relative_error, const Tensor& b);

}  // namespace lamella::test

#endif  // LAMELLA_TESTS_CPP_FINITE_DIFFERENCE_H_
