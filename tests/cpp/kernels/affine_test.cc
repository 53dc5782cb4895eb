// Every size of x * scale + offset.
#include "kernels/affine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

constexpr float kGuard = 99.0f;

TEST(AffineKernel, EverySize) {
  for (size_t size = 0; size <= 21; ++size) {
    Uniform uniform(size + 1);
    std::vector<float> x = uniform.Values(size);
    std::vector<float> y(size + 4, kGuard), wanted;
    for (const float v : x) wanted.push_back(v * 0.3f + -1.7f);
    Affine(Pool(), x.data(), 0.3f, -1.7f, x.data(), size);
    EXPECT_EQ(x, wanted) << size;
    x.assign(size, NAN);
    Affine(Pool(), x.data(), 0.3f, 0, y.data(), size);
    for (size_t i = 0; i < size; ++i) EXPECT_TRUE(std::isnan(y[i]));
    for (size_t i = size; i < y.size(); ++i) EXPECT_EQ(y[i], kGuard);
  }
}

}  // namespace
}  // namespace lamella::test
