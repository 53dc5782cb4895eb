// Kernels of merging layers against loops.
#include "kernels/merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

// Every remainder, and more than a thread takes at a time.
constexpr size_t kSizes[] = {0, 1, 3, 4, 5, 7, 8, 21, 40000};
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kGuard = 99.0f;

// Few different numbers, so that there are equals.
std::vector<float> FewNumbers(size_t size, uint64_t seed) {
  std::vector<float> values = Uniform(seed).Values(size, -2.0f, 2.0f);
  for (float& value : values) value = std::round(value);
  return values;
}

TEST(MaximumOf, TakesTheGreaterOne) {
  for (const size_t size : kSizes) {
    const std::vector<float> a = FewNumbers(size, size + 1),
                             b = FewNumbers(size, size + 2);
    std::vector<double> wanted(size + 4, kGuard);
    for (size_t i = 0; i < size; ++i) wanted[i] = std::max(a[i], b[i]);
    std::vector<float> y(size + 4, kGuard);
    MaximumOf(Pool(), a.data(), b.data(), y.data(), size);
    EXPECT_TRUE(Close(Cat(size), y, wanted, 0));
    std::vector<float> in_place = a;
    MaximumOf(Pool(), in_place.data(), b.data(), in_place.data(), size);
    EXPECT_TRUE(Close("in place", in_place, std::span(wanted).first(size), 0));
  }
}

TEST(MaximumOf, NanStaysNan) {
  const std::vector<float> a = {kNan, 1, kNan, 1, kNan},
                           b = {1, kNan, kNan, 2, 1};
  std::vector<float> y(5);
  MaximumOf(Pool(), a.data(), b.data(), y.data(), 5);
  const double nan = kNan;
  EXPECT_TRUE(Close("y", y, std::vector<double>{nan, nan, nan, 2, nan}, 0));
}

// The gradients of max(max(a, b), c) and so on, in which equals share evenly.
std::vector<std::vector<double>> NaiveGradients(
    const std::vector<std::vector<float>>& inputs,
    const std::vector<float>& g) {
  std::vector<std::vector<double>> gradients(inputs.size(),
                                             std::vector<double>(g.size()));
  for (size_t i = 0; i < g.size(); ++i) {
    double left = g[i];
    for (size_t n = inputs.size(); n-- > 0;) {
      float before = -std::numeric_limits<float>::infinity();
      for (size_t m = 0; m < n; ++m) before = std::max(before, inputs[m][i]);
      const float own = inputs[n][i];
      const double share = n == 0 || own > before ? 1 : own == before ? 0.5 : 0;
      gradients[n][i] = share * left;
      left -= gradients[n][i];
    }
  }
  return gradients;
}

TEST(MaximumGradients, EqualsShareAsInMaximaOfTwo) {
  for (const size_t count : {1, 2, 3, 5}) {
    for (const size_t size : kSizes) {
      std::vector<std::vector<float>> inputs;
      std::vector<float> y(size, -3);
      for (size_t n = 0; n < count; ++n) {
        inputs.push_back(FewNumbers(size, 10 * size + n));
        MaximumOf(Pool(), y.data(), inputs[n].data(), y.data(), size);
      }
      const std::vector<float> g = Uniform(size).Values(size);
      std::vector<std::vector<float>> gradients(
          count, std::vector<float>(size + 4, kGuard));
      std::vector<const float*> from;
      std::vector<float*> to;
      for (size_t n = 0; n < count; ++n) {
        from.push_back(inputs[n].data());
        to.push_back(gradients[n].data());
      }
      MaximumGradients(Pool(), from.data(), count, y.data(), g.data(),
                       to.data(), size);
      std::vector<std::vector<double>> wanted = NaiveGradients(inputs, g);
      for (size_t n = 0; n < count; ++n) {
        wanted[n].resize(size + 4, kGuard);
        EXPECT_TRUE(Close(Cat(size, ", input ", n, " of ", count), gradients[n],
                          wanted[n], 0));
      }
    }
  }
}

// Keras 3.15 with JAX 0.10 gave these for layers.Maximum.
TEST(MaximumGradients, AgreesWithKeras) {
  const std::vector<float> a = {1, 0, kNan, 5}, b = {1, 1, 5, 5},
                           c = {1, 2, 5, 4}, y = {1, 2, kNan, 5},
                           g = {1, 1, 1, 1};
  std::vector<float> of_a(4), of_b(4), of_c(4);
  const float* const inputs[] = {a.data(), b.data(), c.data()};
  float* const gradients[] = {of_a.data(), of_b.data(), of_c.data()};
  MaximumGradients(Pool(), inputs, 3, y.data(), g.data(), gradients, 4);
  EXPECT_EQ(of_a, (std::vector<float>{0.25f, 0, 0, 0.5f}));
  EXPECT_EQ(of_b, (std::vector<float>{0.25f, 0, 0, 0.5f}));
  EXPECT_EQ(of_c, (std::vector<float>{0.5f, 1, 0, 0}));
}

TEST(ScaleInPlace, MultipliesAll) {
  for (const size_t size : kSizes) {
    std::vector<float> values = Uniform(size).Values(size + 4);
    std::vector<double> wanted = ToDouble(values);
    for (size_t i = 0; i < size; ++i) wanted[i] *= 0.25;
    ScaleInPlace(Pool(), values.data(), 0.25f, size);
    EXPECT_TRUE(Close(Cat(size), values, wanted, 0));
  }
}

TEST(CopyBlocks, CopiesThereAndBack) {
  for (const size_t outer : {0, 1, 2, 7}) {
    for (const size_t block : {0, 1, 3, 4, 6, 63, 64, 65, 20000}) {
      SCOPED_TRACE(Cat(outer, " blocks of ", block));
      const size_t stride = block + 5, offset = 2;
      const std::vector<float> from = Uniform(block).Values(outer * block);
      std::vector<float> to(outer * stride + 4, kGuard);
      std::vector<float> wanted = to;
      for (size_t n = 0; n < outer; ++n) {
        std::copy_n(from.data() + n * block, block,
                    wanted.data() + n * stride + offset);
      }
      CopyBlocks(Pool(), outer, block, from.data(), block, to.data() + offset,
                 stride);
      EXPECT_EQ(to, wanted);
      std::vector<float> back(outer * block + 1, kGuard);
      CopyBlocks(Pool(), outer, block, to.data() + offset, stride, back.data(),
                 block);
      EXPECT_TRUE(std::ranges::equal(from, std::span(back).first(from.size())));
      EXPECT_EQ(back.back(), kGuard);
    }
  }
}

}  // namespace
}  // namespace lamella::test
