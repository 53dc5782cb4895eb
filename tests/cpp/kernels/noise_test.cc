// Normal noise: its distribution, and that it depends on the stream alone.
#include "kernels/noise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

RandomStream Stream() { return {5, RandomPurpose::kNoise, 2}; }

std::vector<float> Draws(size_t size) {
  RandomStream stream = Stream();
  std::vector<float> y(size);
  AddNormal(Pool(), stream, 1.0f, y.data(), y.data(), size);
  return y;
}

// Uniform in (0, 1), as float32 has it.
double Uniform24(uint32_t word) {
  return static_cast<double>((static_cast<float>(word >> 8) + 0.5f) * 0x1p-24f);
}

TEST(NoiseKernel, IsBoxMullerOfTheStream) {
  // Positions on both sides of 2^32, where the counter's first word overflows.
  for (const uint64_t position : {uint64_t{0}, (uint64_t{1} << 32) - 6}) {
    RandomStream stream = Stream();
    stream.set_position(position);
    std::vector<double> wanted(48);
    for (size_t i = 0; i < 12; ++i) {
      const auto words = stream.Next();
      for (size_t pair = 0; pair < 4; pair += 2) {
        const double radius = std::sqrt(-2 * std::log(Uniform24(words[pair])));
        const double angle = 2 * std::acos(-1.0) * Uniform24(words[pair + 1]);
        const size_t at = i / 4 * 16 + 4 * pair + i % 4;
        wanted[at] = radius * std::cos(angle);
        wanted[at + 4] = radius * std::sin(angle);
      }
    }
    stream.set_position(position);
    std::vector<float> draws(48);
    AddNormal(Pool(), stream, 1.0f, draws.data(), draws.data(), 48);
    // The angle is rounded at up to 2 pi, the radius is below 6.
    EXPECT_TRUE(Close("draws", draws, wanted, 24 * kEpsilon));
  }
}

TEST(NoiseKernel, HasTheMomentsOfANormalDistribution) {
  const size_t count = 1 << 20;
  const std::vector<float> draws = Draws(count);
  double sums[5] = {};
  size_t within = 0;
  for (const double v : draws) {
    for (int power = 1; power <= 4; ++power) sums[power] += std::pow(v, power);
    within += std::fabs(v) < 1;
  }
  const double n = count;
  // Six standard errors each: the variances of the powers are 1, 2, 15 and 96.
  EXPECT_NEAR(sums[1] / n, 0, 6 / std::sqrt(n));
  EXPECT_NEAR(sums[2] / n, 1, 6 * std::sqrt(2 / n));
  EXPECT_NEAR(sums[3] / n, 0, 6 * std::sqrt(15 / n));
  EXPECT_NEAR(sums[4] / n, 3, 6 * std::sqrt(96 / n));
  EXPECT_NEAR(within / n, std::erf(std::sqrt(0.5)), 6 * std::sqrt(0.22 / n));
  // Neighbours, which one pair of uniform numbers makes, know nothing of each
  // other.
  double products = 0;
  for (size_t i = 0; i + 4 < count; ++i) products += draws[i] * draws[i + 4];
  EXPECT_NEAR(products / n, 0, 6 / std::sqrt(n));
}

TEST(NoiseKernel, EverySizeDrawsTheSame) {
  const std::vector<float> all = Draws(40'000);
  for (const size_t size : {0, 1, 3, 4, 5, 8, 11, 15, 16, 17, 16383, 16385}) {
    SCOPED_TRACE(size);
    RandomStream stream = Stream();
    std::vector<float> x(size, 2.0f), y(size + 4, 99.0f);
    AddNormal(Pool(), stream, 0.5f, x.data(), y.data(), size);
    for (size_t i = 0; i < size; ++i) EXPECT_NEAR(y[i], 2 + all[i] / 2, 1e-6);
    for (size_t i = size; i < y.size(); ++i) EXPECT_EQ(y[i], 99.0f);
    EXPECT_EQ(stream.position(), (size + 15) / 16 * 4);
  }
}

TEST(NoiseKernel, KeepsNaN) {
  RandomStream stream = Stream();
  float x = NAN;
  AddNormal(Pool(), stream, 1.0f, &x, &x, 1);
  EXPECT_TRUE(std::isnan(x));
}

}  // namespace
}  // namespace lamella::test
