// Copies of rows, and their sums.
#include "kernels/repeat.h"

#include <gtest/gtest.h>

#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

TEST(RepeatKernel, EverySize) {
  for (const size_t rows : {1, 3}) {
    for (const size_t times : {1, 2, 7}) {
      for (size_t row_size = 1; row_size <= 21; ++row_size) {
        SCOPED_TRACE(Cat(rows, " rows of ", row_size, ", ", times, " times"));
        Uniform uniform(rows + times + row_size);
        const std::vector<float> x = uniform.Values(rows * row_size);
        const size_t size = x.size() * times;
        std::vector<float> y(size + 4, 99.0f);
        RepeatRows(Pool(), x.data(), rows, row_size, times, y.data());
        for (size_t i = 0; i < size; ++i) {
          const size_t row = i / row_size / times;
          EXPECT_EQ(y[i], x[row * row_size + i % row_size]) << i;
        }
        EXPECT_EQ(y[size], 99.0f);

        const std::vector<float> gradient = uniform.Values(size);
        std::vector<double> wanted(x.size());
        for (size_t i = 0; i < size; ++i) {
          wanted[i / row_size / times * row_size + i % row_size] += gradient[i];
        }
        std::vector<float> got(x.size() + 4, 99.0f);
        RepeatRowsGradient(Pool(), gradient.data(), rows, row_size, times,
                           got.data());
        EXPECT_TRUE(Close("gradient", std::span(got).first(x.size()), wanted,
                          4 * kEpsilon));
        EXPECT_EQ(got[x.size()], 99.0f);
      }
    }
  }
}

}  // namespace
}  // namespace lamella::test
