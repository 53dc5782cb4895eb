// Every layer reproduces the recorded outputs, gradients and states.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "json.h"
#include "layers/registry.h"
#include "test_util.h"

namespace lamella::test {
namespace {

struct Fixture {
  const char* file;
  size_t cases;
};
void PrintTo(const Fixture& fixture, std::ostream* stream) {
  *stream << fixture.file;
}

class GoldenLayers : public ::testing::TestWithParam<Fixture> {};

void ExpectGolden(const Json& test_case, const std::string& name,
                  const Tensor& got, const Json& wanted_json) {
  const Tensor wanted = ToTensor(wanted_json);
  EXPECT_TRUE(Close(name, got, wanted,
                    GoldenTolerance(test_case, name, MaxAbs(wanted.values()))));
}

void CheckNamed(const Json& test_case, const std::string& prefix,
                const std::vector<Parameter>& got, const Json& wanted) {
  EXPECT_EQ(got.size(), wanted.size()) << prefix;
  for (const Parameter& tensor : got) {
    ASSERT_TRUE(wanted.contains(tensor.name)) << prefix << tensor.name;
    ExpectGolden(test_case, prefix + tensor.name, tensor.value,
                 wanted.at(tensor.name));
  }
}

TEST_P(GoldenLayers, ReproducesEveryCase) {
  const Json cases = LoadGolden(GetParam().file);
  ASSERT_EQ(cases.size(), GetParam().cases);
  for (const Json& test_case : cases) {
    SCOPED_TRACE(test_case.at("name").get<std::string>());
    const auto layer = ToLayer(test_case.at("layer"));
    layer->Build(ToShape(test_case.at("input_shape")));
    EXPECT_EQ(layer->output_shape(), ToShape(test_case.at("output_shape")));
    LoadParams(*layer, ToNamedTensors(test_case.at("params")));
    LoadState(*layer, ToNamedTensors(test_case.at("state_before")));

    const Tensor output =
        layer->Forward(ToTensor(test_case.at("input")),
                       {.training = test_case.at("training")});
    ExpectGolden(test_case, "output", output, test_case.at("output"));
    CheckNamed(test_case, "state_after.", layer->State(),
               test_case.at("state_after"));
    if (test_case.at("output_gradient").is_null()) continue;

    const Tensor input_gradient =
        layer->Backward(ToTensor(test_case.at("output_gradient")));
    ExpectGolden(test_case, "input_gradient", input_gradient,
                 test_case.at("input_gradient"));
    std::vector<Parameter> gradients;
    for (const Parameter& parameter : layer->Params()) {
      gradients.push_back({parameter.name, parameter.gradient});
    }
    CheckNamed(test_case, "param_gradients.", gradients,
               test_case.at("param_gradients"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, GoldenLayers,
    ::testing::Values(Fixture{"average_pooling_2d", 6},
                      Fixture{"batch_normalization", 6},
                      Fixture{"batch_normalization_2d", 5},
                      Fixture{"convolutional", 12}, Fixture{"dense", 9},
                      Fixture{"flatten", 3}, Fixture{"max_pooling_2d", 9},
                      Fixture{"prelu", 3}, Fixture{"relu", 2},
                      Fixture{"sigmoid", 2}, Fixture{"softmax", 4},
                      Fixture{"swish", 2}, Fixture{"tanh", 2}),
    [](const auto& info) { return std::string(info.param.file); });

// The engine draws its masks itself, so a recorded mask cannot be compared;
// what must hold for every mask can.
void CheckMaskedDropout(const Json& test_case, Layer& layer) {
  const double probability =
      test_case.at("layer").at("config").at("probability").get<double>();
  const double scale = 1.0 / (1.0 - probability);
  const Tensor input = ToTensor(test_case.at("input"));
  const Tensor upstream = ToTensor(test_case.at("output_gradient"));
  const Tensor output = layer.Forward(input, {.training = true});
  const Tensor gradient = layer.Backward(upstream);
  EXPECT_EQ(output.shape(), input.shape());
  EXPECT_EQ(gradient.shape(), input.shape());
  size_t dropped = 0;
  for (size_t i = 0; i < input.size(); ++i) {
    const bool kept = output.data()[i] != 0.0f;
    dropped += !kept;
    const double factor = kept ? scale : 0.0;
    // Rounding of the factor and of the product.
    const double relative = 2 * kEpsilon;
    const double wanted = factor * input.data()[i];
    EXPECT_NEAR(output.data()[i], wanted, relative * std::fabs(wanted))
        << "output, index " << i;
    const double wanted_gradient = factor * upstream.data()[i];
    EXPECT_NEAR(gradient.data()[i], wanted_gradient,
                relative * std::fabs(wanted_gradient))
        << "input_gradient, index " << i;
  }
  EXPECT_GT(dropped, 0u);
  EXPECT_LT(dropped, input.size());
}

void CheckStatisticalDropout(const Json& test_case) {
  const Json& wanted = test_case.at("statistical");
  const double probability = 1.0 - wanted.at("kept_fraction").get<double>();
  const auto layer =
      CreateLayer("Dropout", MakeConfig({{"probability", probability}}));
  Tensor input(ToShape(test_case.at("input_shape"))
                   .Prepended(wanted.at("batch").get<size_t>()));
  std::ranges::fill(input.values(), wanted.at("input_value").get<float>());
  const Tensor first = layer->Forward(input, {.training = true});
  const Tensor second = layer->Forward(input, {.training = true});
  EXPECT_EQ(!Same("second call", second, first),
            wanted.at("two_calls_differ").get<bool>());

  const auto allowed =
      wanted.at("allowed_output_values").get<std::vector<float>>();
  double kept = 0, sum = 0;
  for (float value : first.values()) {
    EXPECT_NE(std::ranges::find(allowed, value), allowed.end()) << value;
    kept += value != 0.0f;
    sum += value;
  }
  const double size = static_cast<double>(first.size());
  EXPECT_NEAR(kept / size, wanted.at("kept_fraction").get<double>(),
              wanted.at("kept_fraction_max_abs_dev").get<double>());
  EXPECT_NEAR(sum / size, wanted.at("output_mean").get<double>(),
              wanted.at("output_mean_max_abs_dev").get<double>());
}

TEST(GoldenDropout, ReproducesEveryCase) {
  const Json cases = LoadGolden("dropout");
  size_t masked = 0, statistical = 0, exact = 0;
  for (const Json& test_case : cases) {
    SCOPED_TRACE(test_case.at("name").get<std::string>());
    if (test_case.contains("statistical")) {
      ++statistical;
      CheckStatisticalDropout(test_case);
      continue;
    }
    const auto layer = ToLayer(test_case.at("layer"));
    layer->Build(ToShape(test_case.at("input_shape")));
    EXPECT_EQ(layer->output_shape(), ToShape(test_case.at("output_shape")));
    const bool training = test_case.at("training").get<bool>();
    if (training && test_case["layer"]["config"]["probability"] != 0.0) {
      ++masked;
      CheckMaskedDropout(test_case, *layer);
      continue;
    }
    ++exact;
    const Tensor input = ToTensor(test_case.at("input"));
    EXPECT_TRUE(
        Same("output", layer->Forward(input, {.training = training}), input));
    const Json& gradient = test_case.at("output_gradient");
    if (gradient.is_null()) continue;
    EXPECT_TRUE(Same("input_gradient", layer->Backward(ToTensor(gradient)),
                     ToTensor(gradient)));
  }
  EXPECT_EQ(masked, 3u);
  EXPECT_EQ(exact, 2u);
  EXPECT_EQ(statistical, 3u);
}

}  // namespace
}  // namespace lamella::test
