// Borders of images against their definition.
#include "kernels/borders.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

std::vector<BorderGeometry> Geometries() {
  std::vector<BorderGeometry> geometries;
  for (size_t width = 1; width <= 13; ++width) {
    for (const size_t height : {1, 3}) {
      geometries.push_back({height, width, 0, 0, 0, 0});
      geometries.push_back({height, width, 1, 2, 3, 4});
      geometries.push_back({height, width, 2, 0, width % 7, 0});
      geometries.push_back({height, width, 0, 1, 0, width % 5});
    }
  }
  return geometries;
}

TEST(Borders, FollowTheirDefinition) {
  for (const BorderGeometry& g : Geometries()) {
    SCOPED_TRACE(Cat(g.height, " x ", g.width, ": ", g.top, " ", g.bottom, " ",
                     g.left, " ", g.right));
    constexpr size_t kPlanes = 3;
    const size_t inner_size = g.height * g.width;
    const size_t outer_size = g.outer_height() * g.outer_width();
    const auto inner = Uniform(1).Values(kPlanes * inner_size);
    const auto outer = Uniform(2).Values(kPlanes * outer_size);
    // Nothing is written beyond the results.
    std::vector<float> padded(kPlanes * outer_size + 1, 99.0f);
    std::vector<float> cropped(kPlanes * inner_size + 1, 99.0f);
    AddBorder(Pool(), g, kPlanes, inner.data(), padded.data());
    RemoveBorder(Pool(), g, kPlanes, outer.data(), cropped.data());
    EXPECT_EQ(padded.back(), 99.0f);
    EXPECT_EQ(cropped.back(), 99.0f);
    for (size_t plane = 0; plane < kPlanes; ++plane) {
      for (size_t y = 0; y < g.outer_height(); ++y) {
        for (size_t x = 0; x < g.outer_width(); ++x) {
          const size_t at = plane * outer_size + y * g.outer_width() + x;
          const size_t row = y - g.top, column = x - g.left;
          if (row >= g.height || column >= g.width) {
            ASSERT_EQ(padded[at], 0.0f);
            continue;
          }
          const size_t inside = plane * inner_size + row * g.width + column;
          ASSERT_EQ(padded[at], inner[inside]);
          ASSERT_EQ(cropped[inside], outer[at]);
        }
      }
    }
  }
}

TEST(Borders, OfWhatIsNotFiniteAreZeros) {
  const BorderGeometry g = {1, 2, 1, 1, 1, 1};
  const std::vector<float> inner = {std::nanf(""),
                                    std::numeric_limits<float>::infinity()};
  std::vector<float> outer(12, 99.0f), back(2);
  AddBorder(Pool(), g, 1, inner.data(), outer.data());
  float sum = 0;
  for (const size_t i : {0, 1, 2, 3, 4, 7, 8, 9, 10, 11}) sum += outer[i];
  EXPECT_EQ(sum, 0.0f);
  RemoveBorder(Pool(), g, 1, outer.data(), back.data());
  EXPECT_TRUE(std::isnan(back[0]));
  EXPECT_EQ(back[1], inner[1]);
}

}  // namespace
}  // namespace lamella::test
