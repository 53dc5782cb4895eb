// Every order of up to four axes of many sizes against index arithmetic.
#include "kernels/permute_axes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

using Sizes = std::vector<size_t>;

std::vector<float> Naive(const Sizes& sizes, const Sizes& order,
                         const std::vector<float>& x) {
  std::vector<float> y(x.size());
  for (size_t to = 0; to < y.size(); ++to) {
    Sizes at(sizes.size());
    size_t rest = to;
    for (size_t i = order.size(); i-- > 0;) {
      at[order[i]] = rest % sizes[order[i]];
      rest /= sizes[order[i]];
    }
    size_t from = 0;
    for (size_t axis = 0; axis < sizes.size(); ++axis) {
      from = from * sizes[axis] + at[axis];
    }
    y[to] = x[from];
  }
  return y;
}

void CheckEveryOrder(const Sizes& sizes) {
  Sizes order(sizes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const size_t size = std::accumulate(sizes.begin(), sizes.end(), size_t{1},
                                      std::multiplies<size_t>());
  std::vector<float> x(size);
  std::iota(x.begin(), x.end(), 0.0f);
  do {
    SCOPED_TRACE(::testing::PrintToString(sizes) + " by " +
                 ::testing::PrintToString(order));
    std::vector<float> y(size + 4, -1.0f);
    PermuteAxes(Pool(), sizes, order, x.data(), y.data());
    std::vector<float> wanted = Naive(sizes, order, x);
    wanted.resize(size + 4, -1.0f);
    EXPECT_TRUE(y == wanted);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(PermuteAxesKernel, EveryOrder) {
  CheckEveryOrder({1});
  CheckEveryOrder({7});
  for (const size_t a : {1, 3, 4, 9, 33}) {
    for (const size_t b : {1, 2, 5, 16, 70}) {
      CheckEveryOrder({a, b});
      for (const size_t c : {1, 3, 8, 19}) CheckEveryOrder({a, b, c});
    }
  }
  CheckEveryOrder({2, 3, 5, 6});
  CheckEveryOrder({3, 1, 18, 4});
  CheckEveryOrder({2, 1, 3, 1, 5});
}

TEST(PermuteAxesKernel, TakesEightAxes) {
  const Sizes sizes = {2, 3, 1, 2, 3, 2, 2, 3},
              order = {7, 2, 0, 5, 4, 6, 1, 3};
  std::vector<float> x(432), y(432);
  std::iota(x.begin(), x.end(), 0.0f);
  PermuteAxes(Pool(), sizes, order, x.data(), y.data());
  EXPECT_TRUE(y == Naive(sizes, order, x));
}

TEST(PermuteAxesKernel, StripsOfFewRowsAndOfMany) {
  for (const Sizes& sizes : {Sizes{2, 1500, 3}, Sizes{2, 3, 1500},
                             Sizes{1030, 37}, Sizes{37, 1030}}) {
    CheckEveryOrder(sizes);
  }
}

}  // namespace
}  // namespace lamella::test
