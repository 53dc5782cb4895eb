// Resampling against its definition, in double precision; the gradient against
// the transpose of that.
#include "kernels/resampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

// The share of pixel `from` in pixel `to`.
double Share(Interpolation interpolation, size_t size, size_t output_size,
             size_t from, size_t to) {
  const double place = (to + 0.5) * size / output_size;
  if (interpolation == Interpolation::kNearest) {
    return from == static_cast<size_t>(place + 1e-9) ? 1.0 : 0.0;
  }
  const double centre =
      std::clamp(place - 0.5, 0.0, static_cast<double>(size - 1));
  return std::max(0.0, 1.0 - std::abs(centre - static_cast<double>(from)));
}

struct Case {
  Interpolation interpolation;
  size_t height, width, output_height, output_width;
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const auto interpolation :
       {Interpolation::kNearest, Interpolation::kBilinear}) {
    for (const size_t from : {1, 2, 5, 9}) {
      for (const size_t to : {1, 3, 5, 10, 27}) {
        cases.push_back({interpolation, from, 6, to, 6});
        cases.push_back({interpolation, 3, from, 6, to});
        cases.push_back({interpolation, from, to, to, from});
      }
    }
  }
  return cases;
}

TEST(Resampling, FollowsItsDefinition) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Cat(
        c.interpolation == Interpolation::kNearest ? "nearest " : "bilinear ",
        c.height, " x ", c.width, " to ", c.output_height, " x ",
        c.output_width));
    constexpr size_t kPlanes = 2;
    const size_t size = c.height * c.width;
    const size_t output_size = c.output_height * c.output_width;
    std::vector<ResamplingTap> rows(c.output_height), columns(c.output_width);
    FillTaps(c.interpolation, c.height, rows);
    FillTaps(c.interpolation, c.width, columns);
    const ResamplingGeometry g = {c.height, c.width, rows, columns};
    const auto x = Uniform(1).Values(kPlanes * size);
    const auto gradient = Uniform(2).Values(kPlanes * output_size);
    Sums y(kPlanes * output_size), dx(kPlanes * size);
    for (size_t plane = 0; plane < kPlanes; ++plane) {
      for (size_t i = 0; i < size; ++i) {
        for (size_t o = 0; o < output_size; ++o) {
          const double share = Share(c.interpolation, c.height, c.output_height,
                                     i / c.width, o / c.output_width) *
                               Share(c.interpolation, c.width, c.output_width,
                                     i % c.width, o % c.output_width);
          const size_t from = plane * size + i, to = plane * output_size + o;
          y.Add(to, share * x[from]);
          dx.Add(from, share * gradient[to]);
        }
      }
    }
    std::vector<float> got(kPlanes * output_size + 1, 99.0f);
    std::vector<float> got_gradient(kPlanes * size + 1, 99.0f);
    std::vector<float> workspace(ResamplingWorkspace(Pool(), g));
    Resample(Pool(), g, kPlanes, x.data(), got.data(), workspace.data());
    ResampleGradient(Pool(), g, kPlanes, gradient.data(), got_gradient.data(),
                     workspace.data());
    EXPECT_EQ(got.back(), 99.0f);
    EXPECT_EQ(got_gradient.back(), 99.0f);
    got.pop_back();
    got_gradient.pop_back();
    EXPECT_TRUE(Close("output", got, y.values, 1e-6));
    EXPECT_TRUE(Close("input gradient", got_gradient, dx.values, 2e-6));
  }
}

// Sizes whose places in float32 would fall to the other side of an edge.
TEST(Resampling, OnAnEdgeTakesTheLaterPixel) {
  std::vector<ResamplingTap> taps(6);
  FillTaps(Interpolation::kNearest, 20, taps);
  EXPECT_EQ(taps[1].from, 5u);
  std::vector<ResamplingTap> many(3000001);
  FillTaps(Interpolation::kNearest, 9000003, many);
  for (const size_t i : {size_t{0}, size_t{1234567}, many.size() - 1}) {
    EXPECT_EQ(many[i].from, 3 * i + 1);
  }
}

TEST(Resampling, KeepsWhatIsNotFinite) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> x = {1.0f, infinity, std::nanf(""), 2.0f};
  std::vector<ResamplingTap> rows(1), columns(12);
  FillTaps(Interpolation::kBilinear, 1, rows);
  FillTaps(Interpolation::kBilinear, 4, columns);
  const ResamplingGeometry g = {1, 4, rows, columns};
  std::vector<float> y(12), workspace(ResamplingWorkspace(Pool(), g));
  Resample(Pool(), g, 1, x.data(), y.data(), workspace.data());
  // Centres in the same place are the pixel itself, whatever is beside it.
  EXPECT_EQ(y[0], 1.0f);
  EXPECT_EQ(y[1], 1.0f);
  EXPECT_EQ(y[2], infinity);
  EXPECT_EQ(y[4], infinity);
  for (const size_t i : {5, 6, 7, 8, 9}) EXPECT_TRUE(std::isnan(y[i])) << i;
  EXPECT_EQ(y[10], 2.0f);
}

}  // namespace
}  // namespace lamella::test
