// Transposition of the matrices of a batch against its definition.
#include "kernels/transpose.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

TEST(Transpose, FollowsItsDefinition) {
  for (const size_t batch : {0, 1, 3}) {
    for (const size_t rows : {1, 2, 5, 16}) {
      for (const size_t columns : {1, 3, 4, 17}) {
        SCOPED_TRACE(Cat(batch, " of ", rows, " x ", columns));
        const size_t size = batch * rows * columns;
        const std::vector<float> x = Uniform(size + 1).Values(size);
        // Nothing is written beyond the result.
        std::vector<float> y(size + 1, 99.0f);
        Transpose(x.data(), batch, rows, columns, y.data());
        EXPECT_EQ(y.back(), 99.0f);
        for (size_t n = 0; n < batch; ++n) {
          for (size_t i = 0; i < rows; ++i) {
            for (size_t j = 0; j < columns; ++j) {
              EXPECT_EQ(y[(n * columns + j) * rows + i],
                        x[(n * rows + i) * columns + j]);
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace lamella::test
