// Biases of channels against their definition.
#include "kernels/biases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

TEST(Biases, AreAddedToChannels) {
  for (const bool rectify : {false, true}) {
    for (const size_t pixels : {1, 4, 7, 30}) {
      SCOPED_TRACE(Cat(pixels, " pixels, rectify ", rectify));
      constexpr size_t kBatch = 2, kChannels = 3;
      const size_t size = kBatch * kChannels * pixels;
      const auto x = Uniform(pixels).Values(size);
      const auto biases = Uniform(9).Values(kChannels);
      std::vector<float> y = x;
      y.push_back(99.0f);
      AddBiases(Pool(), kBatch, kChannels, pixels, biases.data(), rectify,
                y.data());
      for (size_t i = 0; i < size; ++i) {
        const float sum = x[i] + biases[i / pixels % kChannels];
        EXPECT_EQ(y[i], rectify ? std::max(sum, 0.0f) : sum);
      }
      EXPECT_EQ(y.back(), 99.0f);
    }
  }
}

TEST(Biases, LeaveNaN) {
  std::vector<float> y(5, std::nanf(""));
  const float bias = 1.0f;
  AddBiases(Pool(), 1, 1, 5, &bias, true, y.data());
  for (const float value : y) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace lamella::test
