// im2col against its definition, col2im as its adjoint.
#include "kernels/im2col.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

struct Case {
  WindowGeometry geometry;
  size_t batch;
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (size_t window = 1; window <= 4; ++window) {
    for (size_t stride = 1; stride <= 5; ++stride) {
      for (size_t batch : {1, 2}) {
        cases.push_back({{.channels = 1 + stride % 3,
                          .height = window + 3,
                          .width = window + 2 * stride,
                          .window_size = window,
                          .stride = stride},
                         batch});
        cases.push_back({{.channels = 2,
                          .height = window,
                          .width = window,
                          .window_size = window,
                          .stride = stride},
                         batch});
      }
    }
  }
  return cases;
}

std::string Describe(const Case& c) {
  return Cat("channels ", c.geometry.channels, ", height ", c.geometry.height,
             ", width ", c.geometry.width, ", window ", c.geometry.window_size,
             ", stride ", c.geometry.stride, ", batch ", c.batch);
}

// Number of elements of the images and of the column matrix.
size_t ImagesSize(const Case& c) {
  return c.batch * c.geometry.channels * c.geometry.height * c.geometry.width;
}
size_t ColumnsSize(const Case& c) {
  return c.batch * c.geometry.output_height() * c.geometry.output_width() *
         c.geometry.channels * c.geometry.window_size * c.geometry.window_size;
}

TEST(Im2col, FollowsItsDefinition) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Describe(c));
    const WindowGeometry& g = c.geometry;
    const size_t k = g.window_size;
    Uniform uniform(1);
    const std::vector<float> images = uniform.Values(ImagesSize(c));
    std::vector<double> wanted;
    for (size_t n = 0; n < c.batch; ++n) {
      for (size_t y = 0; y < (g.height - k) / g.stride + 1; ++y) {
        for (size_t x = 0; x < (g.width - k) / g.stride + 1; ++x) {
          for (size_t i = 0; i < g.channels * k * k; ++i) {
            const size_t channel = i / (k * k), row = i / k % k, column = i % k;
            wanted.push_back(images[((n * g.channels + channel) * g.height +
                                     y * g.stride + row) *
                                        g.width +
                                    x * g.stride + column]);
          }
        }
      }
    }
    std::vector<float> columns(ColumnsSize(c), NAN);
    Im2col(g, c.batch, images.data(), columns.data());
    EXPECT_TRUE(Close("columns", columns, wanted, 0.0));
  }
}

TEST(Im2col, Col2imIsItsAdjoint) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Describe(c));
    Uniform uniform(2);
    const std::vector<float> images = uniform.Values(ImagesSize(c));
    const std::vector<float> columns = uniform.Values(ColumnsSize(c));
    std::vector<float> unfolded(columns.size(), NAN);
    std::vector<float> folded(images.size(), NAN);
    Im2col(c.geometry, c.batch, images.data(), unfolded.data());
    Col2im(c.geometry, c.batch, columns.data(), folded.data());
    // <im2col(images), columns> = <images, col2im(columns)>.
    double left = 0.0, right = 0.0, magnitude = 0.0;
    for (size_t i = 0; i < columns.size(); ++i) {
      left += static_cast<double>(unfolded[i]) * columns[i];
      magnitude += std::fabs(static_cast<double>(unfolded[i]) * columns[i]);
    }
    for (size_t i = 0; i < images.size(); ++i) {
      right += static_cast<double>(images[i]) * folded[i];
    }
    // Up to window_size^2 terms are added in float32 for one pixel.
    const double terms =
        static_cast<double>(c.geometry.window_size * c.geometry.window_size);
    EXPECT_NEAR(left, right, terms * kEpsilon * magnitude);
  }
}

}  // namespace
}  // namespace lamella::test
