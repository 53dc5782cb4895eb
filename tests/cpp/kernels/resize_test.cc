// Pictures at other sizes against the definition of the filter.
#include "kernels/resize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

// Weight of an input pixel in an output pixel, along one axis, but for the
// division by the sum of weights.
double Weight(size_t size, size_t output_size, size_t i, size_t pixel) {
  const double step = static_cast<double>(size) / output_size;
  const double distance = (pixel + 0.5) - (i + 0.5) * step;
  return std::max(0.0, 1.0 - std::abs(distance) / std::max(step, 1.0));
}

// Channel c of a pixel: red, green, blue, opacity.
double Channel(const ResizeGeometry& g, const uint8_t* pixel, size_t c) {
  if (g.output_channels == 1 && g.channels != 1) {
    return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
  }
  if (c == 3 && g.channels != 4) return 255.0;
  return g.channels == 1 ? pixel[0] : pixel[c];
}

double NaiveResize(const ResizeGeometry& g, const std::vector<uint8_t>& pixels,
                   size_t c, size_t y, size_t x) {
  double sum = 0.0;
  double weights = 0.0;
  for (size_t row = 0; row < g.height; ++row) {
    for (size_t column = 0; column < g.width; ++column) {
      const double weight = Weight(g.height, g.output_height, y, row) *
                            Weight(g.width, g.output_width, x, column);
      const uint8_t* pixel =
          pixels.data() + row * g.row_bytes + column * g.channels;
      sum += weight * Channel(g, pixel, c);
      weights += weight;
    }
  }
  return sum / weights;
}

std::vector<float> Resized(const ResizeGeometry& g,
                           const std::vector<uint8_t>& pixels, float scale) {
  // Neither is written beyond its end.
  std::vector<float> workspace(ResizeWorkspace(g) + 1, 77.0f);
  const size_t size = g.output_channels * g.output_height * g.output_width;
  std::vector<float> output(size + 1, 99.0f);
  Resize(g, pixels.data(), scale, workspace.data(), output.data());
  EXPECT_EQ(workspace.back(), 77.0f);
  EXPECT_EQ(output.back(), 99.0f);
  output.pop_back();
  return output;
}

std::vector<uint8_t> Pixels(const ResizeGeometry& g) {
  // A byte beyond the last pixel is read.
  std::vector<uint8_t> pixels(g.height * g.row_bytes + 1);
  Uniform uniform(g.height * g.row_bytes);
  for (uint8_t& byte : pixels) {
    byte = static_cast<uint8_t>(uniform.Values(1, 0, 255.99f)[0]);
  }
  return pixels;
}

TEST(Resize, FollowsItsDefinition) {
  struct Size {
    size_t height, width;
  };
  const std::vector<Size> sizes = {{1, 1}, {2, 7}, {9, 4}, {16, 13}, {31, 6}};
  for (const size_t channels : {1, 3, 4}) {
    for (const size_t output_channels : {1, 3, 4}) {
      for (const Size from : sizes) {
        for (const Size to : sizes) {
          // A part of a wider picture.
          const ResizeGeometry g = {.height = from.height,
                                    .width = from.width,
                                    .channels = channels,
                                    .row_bytes = (from.width + 2) * channels,
                                    .output_height = to.height,
                                    .output_width = to.width,
                                    .output_channels = output_channels};
          SCOPED_TRACE(Cat(channels, " to ", output_channels, " channels, ",
                           from.height, " x ", from.width, " to ", to.height,
                           " x ", to.width));
          const std::vector<uint8_t> pixels = Pixels(g);
          const std::vector<float> output = Resized(g, pixels, 0.5f);
          size_t i = 0;
          for (size_t c = 0; c < output_channels; ++c) {
            for (size_t y = 0; y < to.height; ++y) {
              for (size_t x = 0; x < to.width; ++x) {
                ASSERT_NEAR(output[i++], 0.5 * NaiveResize(g, pixels, c, y, x),
                            1e-4);
              }
            }
          }
        }
      }
    }
  }
}

TEST(Resize, KeepsPixelsAtTheSameSize) {
  for (const size_t channels : {1, 3, 4}) {
    const ResizeGeometry g = {.height = 5,
                              .width = 6,
                              .channels = channels,
                              .row_bytes = 6 * channels,
                              .output_height = 5,
                              .output_width = 6,
                              .output_channels = channels};
    const std::vector<uint8_t> pixels = Pixels(g);
    const std::vector<float> output = Resized(g, pixels, 1.0f);
    for (size_t i = 0; i < 30 * channels; ++i) {
      EXPECT_EQ(output[i], pixels[i % 30 * channels + i / 30]);
    }
  }
}

TEST(Resize, AnEvenPictureStaysEven) {
  struct Case {
    size_t height, width, output_height, output_width;
    float bound;
  };
  for (const auto [height, width, output_height, output_width, bound] :
       {Case{300, 500, 7, 3, 2e-4f}, Case{1, 65535, 1, 1, 8e-3f},
        Case{65535, 1, 1, 2, 8e-3f}}) {
    const ResizeGeometry g = {.height = height,
                              .width = width,
                              .channels = 3,
                              .row_bytes = width * 3,
                              .output_height = output_height,
                              .output_width = output_width,
                              .output_channels = 3};
    const std::vector<uint8_t> pixels(g.height * g.row_bytes + 1, 200);
    for (const float value : Resized(g, pixels, 1.0f)) {
      EXPECT_NEAR(value, 200.0f, bound) << height << " x " << width;
    }
  }
}

}  // namespace
}  // namespace lamella::test
