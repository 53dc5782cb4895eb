#include "layers/gradient_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "finite_difference.h"
#include "test_util.h"

namespace lamella::test {
namespace {

// Ulps of the outputs: sums of up to 100 terms and exponentials.
constexpr double kForwardRounding = 8 * kEpsilon;

Tensor MakeInput(const GradientCase& test_case, Uniform& uniform) {
  Tensor x = uniform.Values(test_case.input);
  const auto values = x.values();
  if (test_case.values == Input::kNoKinks) {
    for (float& v : values) v = std::copysign(std::fabs(v) + 3 * kStep, v);
  } else if (test_case.values == Input::kDistinct) {
    // A shuffled ladder with rungs of three steps.
    std::vector<size_t> order(values.size());
    for (size_t i = 0; i < order.size(); ++i) {
      const auto at = static_cast<size_t>(uniform(0, 1) * (i + 1));
      order[i] = i;
      std::swap(order[i], order[std::min(at, i)]);
    }
    for (size_t i = 0; i < order.size(); ++i) {
      values[i] =
          3 * kStep *
          (static_cast<float>(order[i]) - static_cast<float>(order.size()) / 2);
    }
  }
  return x;
}

}  // namespace

void CheckGradients(const std::shared_ptr<Layer>& layer,
                    const GradientCase& test_case) {
  Uniform uniform(2024);
  layer->Build(test_case.input.WithoutFirst());
  for (const Parameter& parameter : layer->Params()) {
    Tensor value = parameter.value;
    std::ranges::copy(uniform.Values(value.size(), 0.5f, 1.5f), value.data());
  }
  for (const Parameter& state : layer->State()) {
    Tensor value = state.value;
    std::ranges::copy(uniform.Values(value.size(), 0.5f, 1.5f), value.data());
  }
  const Tensor x = MakeInput(test_case, uniform);
  const Tensor upstream =
      uniform.Values(layer->output_shape().Prepended(test_case.input[0]));

  const auto f = [&] {
    // The same dropout mask every time.
    layer->Seed({11, 3});
    return Dot(layer->Forward(x, {.training = test_case.training}),
               kForwardRounding, upstream);
  };

  f();
  const Tensor input_gradient = layer->Backward(upstream).Clone();
  EXPECT_TRUE(IsDerivative("input", x, input_gradient, f));
  // Forward passes leave the parameters' gradients as they are.
  for (const Parameter& parameter : layer->Params()) {
    EXPECT_TRUE(
        IsDerivative(parameter.name, parameter.value, parameter.gradient, f));
  }
}

}  // namespace lamella::test
