// Every loss reproduces the recorded values and gradients.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>

#include "json.h"
#include "test_util.h"
#include "training/losses.h"

namespace lamella::test {
namespace {

std::shared_ptr<Loss> ToLoss(const Json& json) {
  return CreateLoss(json.at("type").get<std::string>(),
                    ToConfig(json.at("config")));
}

void CheckLosses(std::string_view file, size_t count) {
  const Json cases = LoadGolden(file);
  ASSERT_EQ(cases.size(), count);
  for (const Json& test_case : cases) {
    SCOPED_TRACE(test_case.at("name").get<std::string>());
    const auto loss = ToLoss(test_case.at("loss"));
    // Where the reference has an epsilon inside the logarithm the engine's
    // value is the exact one (quirk Q21).
    const Json& alternatives = test_case.at("alternatives");
    const double value = alternatives.contains("exact")
                             ? alternatives["exact"].at("value").get<double>()
                             : test_case.at("value").get<double>();
    const Tensor wanted = ToTensor(test_case.at("gradient"));
    Tensor gradient;
    const double got =
        loss->Compute(ToTensor(test_case.at("output")),
                      ToTensor(test_case.at("output_expected")), gradient);
    EXPECT_NEAR(got, value,
                GoldenTolerance(test_case, "value", std::fabs(value)));
    EXPECT_TRUE(
        Close("gradient", gradient, wanted,
              GoldenTolerance(test_case, "gradient", MaxAbs(wanted.values()))));
  }
}

TEST(GoldenLosses, MSE) { CheckLosses("mse", 3); }

TEST(GoldenLosses, BinaryCrossEntropy) {
  CheckLosses("binary_cross_entropy", 3);
}

TEST(GoldenLosses, CategoricalCrossEntropy) {
  CheckLosses("categorical_cross_entropy", 4);
}

TEST(GoldenLosses, Accuracy) {
  const Json cases = LoadGolden("accuracy");
  ASSERT_EQ(cases.size(), 2u);
  for (const Json& test_case : cases) {
    SCOPED_TRACE(test_case.at("name").get<std::string>());
    Tensor output = ToTensor(test_case.at("y_pred"));
    const bool binary = output.shape()[1] == 1;
    // The fixtures hold probabilities, the losses take logits.
    if (binary) {
      for (float& p : output.values()) p = std::log(p / (1.0f - p));
    }
    const auto loss = CreateLoss(
        binary ? "BinaryCrossEntropy" : "CategoricalCrossEntropy", {});
    const double value = test_case.at("value").get<double>();
    EXPECT_NEAR(loss->Accuracy(output, ToTensor(test_case.at("y_true"))), value,
                GoldenTolerance(test_case, "value", value));
  }
}

}  // namespace
}  // namespace lamella::test
