// Sums and ArgMax against their definition.
#include "kernels/reductions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(AllFinite, AnyPlace) {
  const float not_finite[] = {kInfinity, -kInfinity, std::nanf("")};
  for (size_t size = 0; size <= 13; ++size) {
    std::vector<float> x(size, std::numeric_limits<float>::max());
    EXPECT_TRUE(AllFinite(x.data(), size));
    for (size_t i = 0; i < size; ++i) {
      for (const float value : not_finite) {
        std::vector<float> bad = x;
        bad[i] = value;
        EXPECT_FALSE(AllFinite(bad.data(), size)) << value << " at " << i;
      }
    }
  }
}

TEST(SumRows, EveryRemainder) {
  for (size_t rows : {1, 2, 3, 64, 100}) {
    for (size_t columns = 1; columns <= 9; ++columns) {
      SCOPED_TRACE(Cat(rows, " x ", columns));
      Uniform uniform(rows * 31 + columns);
      const std::vector<float> x = uniform.Values(rows * columns);
      std::vector<double> wanted(columns), tolerance(columns);
      for (size_t i = 0; i < x.size(); ++i) {
        wanted[i % columns] += x[i];
        tolerance[i % columns] += std::fabs(x[i]);
      }
      for (double& t : tolerance) {
        t *= static_cast<double>(rows) * kEpsilon / 2;
      }
      std::vector<float> sums(columns + 4, 5.0f);
      SumRows(x.data(), rows, columns, sums.data());
      EXPECT_TRUE(
          Close("sums", std::span(sums).first(columns), wanted, tolerance));
      EXPECT_TRUE(Close("guard", std::span(sums).subspan(columns),
                        std::vector<double>(4, 5.0), 0.0));
    }
  }
}

TEST(SumRows, NoRowsSumToZero) {
  std::vector<float> sums(5, NAN);
  SumRows(nullptr, 0, 5, sums.data());
  EXPECT_EQ(sums, std::vector<float>(5, 0.0f));
}

TEST(SumChannels, EveryRemainder) {
  for (size_t batch : {1, 2, 33}) {
    for (size_t channels : {1, 2, 5}) {
      for (size_t pixels : {1, 2, 3, 4, 5, 7, 8, 9, 100, 784}) {
        SCOPED_TRACE(
            Cat("batch ", batch, ", channels ", channels, ", pixels ", pixels));
        Uniform uniform(pixels);
        const std::vector<float> x = uniform.Values(batch * channels * pixels);
        std::vector<double> wanted(channels), tolerance(channels);
        for (size_t i = 0; i < x.size(); ++i) {
          wanted[i / pixels % channels] += x[i];
          tolerance[i / pixels % channels] += std::fabs(x[i]);
        }
        // Float32 sums run over the pixels of one image only.
        for (double& t : tolerance) {
          t *= (static_cast<double>(pixels) + 1) * kEpsilon / 2;
        }
        std::vector<float> sums(channels, NAN);
        SumChannels(Pool(), x.data(), batch, channels, pixels, sums.data());
        EXPECT_TRUE(Close("sums", sums, wanted, tolerance));
      }
    }
  }
}

TEST(SumChannels, ImagesAreSummedInFloat64) {
  // 2^24 + 1 is not a float32: single sums would lose every 1.
  const size_t batch = 1001;
  std::vector<float> x(batch, 1.0f);
  x[0] = 0x1p24f;
  float sum = 0;
  SumChannels(Pool(), x.data(), batch, 1, 1, &sum);
  EXPECT_EQ(sum, 0x1p24f + 1000);
}

TEST(ArgMaxKernel, FindsTheGreatest) {
  struct {
    std::vector<float> x;
    size_t wanted;
  } const cases[] = {{{5}, 0},
                     {{1, 2, 3}, 2},
                     {{3, 2, 1}, 0},
                     {{-3, -1, -2}, 1},
                     {{1, 7, 7, 2, 7}, 1},
                     {{0, 0, 0}, 0},
                     {{1, NAN, 9}, 1},
                     {{NAN, NAN, 9}, 0},
                     {{1, 2, NAN}, 2},
                     {{-kInfinity, -kInfinity}, 0},
                     {{1, kInfinity, 5}, 1}};
  for (const auto& c : cases) {
    EXPECT_EQ(ArgMax(c.x.data(), c.x.size()), c.wanted)
        << ::testing::PrintToString(c.x);
  }
}

}  // namespace
}  // namespace lamella::test
