// Convolution, grouped and dilated too, and its gradients against their
// definition in float64.
#include "kernels/convolution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/winograd.h"
#include "test_util.h"

namespace lamella::test {
namespace {

struct Case {
  ConvolutionGeometry geometry;
  size_t batch;
};

std::string Describe(const Case& c) {
  const ConvolutionGeometry& g = c.geometry;
  return Cat("channels ", g.channels, " -> ", g.output_channels, ", groups ",
             g.groups, ", images ", g.height, "x", g.width, " -> ",
             g.output_height, "x", g.output_width, ", vertical ",
             ToText(g.vertical), ", horizontal ", ToText(g.horizontal),
             ", batch ", c.batch);
}

// Channels are those of one group.
Case Make(size_t channels, size_t height, size_t width, size_t output_channels,
          const Window& vertical, const Window& horizontal, size_t batch,
          size_t groups = 1) {
  return {{.channels = channels,
           .height = height,
           .width = width,
           .output_channels = output_channels,
           .output_height = vertical.Count(height),
           .output_width = horizontal.Count(width),
           .vertical = vertical,
           .horizontal = horizontal,
           .groups = groups},
          batch};
}

// The same windows on both axes.
Case Make(size_t channels, size_t height, size_t width, size_t output_channels,
          size_t kernel, size_t stride, size_t before, size_t after,
          size_t batch, size_t groups = 1, size_t dilation = 1) {
  const Window window = {kernel, stride, dilation, before, after};
  return Make(channels, height, width, output_channels, window, window, batch,
              groups);
}

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (size_t kernel : {1, 2, 3, 5}) {
    // Up to strides above windows and images, whose phases are not all read.
    for (size_t stride : {1, 2, 3, 4, 7}) {
      for (size_t before : {0, 1, 2, 4}) {
        for (size_t after : {before, before + 1}) {
          cases.push_back(Make(2, 6, 5, 3, kernel, stride, before, after, 2));
          cases.push_back(Make(3, 5, 9, 4, kernel, stride, before, after, 1));
        }
      }
    }
  }
  // Windows that cover the whole image.
  cases.push_back(Make(3, 4, 4, 5, 4, 1, 0, 0, 3));
  cases.push_back(Make(1, 1, 1, 1, 1, 1, 0, 0, 1));
  // Two pixels that are as far apart as the ends of a vector.
  cases.push_back(Make(1, 4, 3, 2, 3, 1, 0, 0, 2));
  cases.push_back(Make(2, 6, 4, 3, 3, 1, 0, 0, 1));
  // More taps than one block of the depth, several tiles of channels.
  cases.push_back(Make(33, 6, 6, 5, 3, 1, 1, 1, 2));
  cases.push_back(Make(5, 7, 7, 17, 3, 2, 1, 1, 2));
  // More pixels than one block of columns and of the depth.
  cases.push_back(Make(2, 25, 23, 3, 3, 1, 1, 1, 2));
  cases.push_back(Make(1, 30, 41, 2, 2, 1, 0, 0, 1));
  // Winograd: whole and partial tiles, channels that fill vectors and not.
  cases.push_back(Make(8, 12, 12, 8, 3, 1, 1, 1, 1));
  cases.push_back(Make(9, 13, 14, 17, 3, 1, 1, 1, 3));
  cases.push_back(Make(19, 14, 14, 33, 3, 1, 1, 1, 2));
  cases.push_back(Make(12, 17, 15, 10, 3, 1, 0, 0, 2));
  cases.push_back(Make(10, 13, 12, 9, 3, 1, 2, 2, 2));
  cases.push_back(Make(8, 28, 28, 8, 3, 1, 1, 1, 2));
  // Winograd of small images, whose tiles are enough in a batch alone.
  for (size_t batch : {1, 12}) {
    cases.push_back(Make(9, 5, 6, 10, 3, 1, 1, 1, batch));
    cases.push_back(Make(8, 7, 4, 17, 3, 1, 1, 1, batch, 2));
    cases.push_back(Make(10, 11, 9, 8, 3, 1, 0, 2, batch));
  }
  // More channels than pixels: kernels that are read once an image.
  cases.push_back(Make(40, 5, 4, 33, 3, 1, 1, 1, 1));
  cases.push_back(Make(6, 7, 3, 35, 5, 1, 2, 2, 3, 2));
  // One pixel sees one: whole and partial tiles, many channels, in groups.
  cases.push_back(Make(16, 8, 8, 32, 1, 1, 0, 0, 3));
  cases.push_back(Make(37, 7, 5, 19, 1, 1, 0, 0, 2));
  cases.push_back(Make(130, 3, 3, 70, 1, 1, 0, 0, 1, 2));
  // Pixels that no window reaches.
  cases.push_back(Make(2, 7, 8, 2, 2, 5, 0, 0, 2));
  cases.push_back(Make(1, 9, 11, 1, 2, 5, 0, 0, 2, 2));
  for (size_t kernel : {1, 2, 3}) {
    for (size_t stride : {1, 2, 3}) {
      for (size_t dilation : {1, 2, 3}) {
        for (size_t before : {0, 2, 5}) {
          cases.push_back(Make(2, 9, 11, 3, kernel, stride, before, before + 1,
                               2, 2, dilation));
          // Depthwise.
          cases.push_back(Make(1, 9, 11, 1, kernel, stride, before, before, 2,
                               3, dilation));
        }
      }
    }
  }
  cases.push_back(Make(2, 9, 11, 3, 3, 1, 2, 2, 2, 1, 2));
  // Kernels that reach far beyond the last window.
  cases.push_back(Make(1, 22, 22, 1, 3, 1, 9, 9, 1, 1, 9));
  cases.push_back(Make(1, 36, 36, 2, 3, 1, 16, 16, 2, 1, 16));
  // More outputs than channels in each group; Winograd in groups.
  cases.push_back(Make(1, 9, 11, 4, 3, 1, 1, 1, 2, 2));
  cases.push_back(Make(9, 13, 12, 10, 3, 1, 1, 1, 3, 2));
  // Another window on each axis: {size, stride, dilation, before, after}.
  const Window windows[] = {{1},
                            {3},
                            {5, 1, 1, 0, 3},
                            {2, 1, 3, 3, 1},
                            {3, 2, 1, 0, 1},
                            {2, 3, 2, 2, 0},
                            {3, 1, 1, 4, 0},
                            {2, 1, 1, 0, 5},
                            {4, 1, 2, 6, 6},
                            {1, 2, 1, 1, 2}};
  for (const Window& vertical : windows) {
    for (const Window& horizontal : windows) {
      if (vertical == horizontal) continue;
      cases.push_back(Make(3, 8, 7, 2, vertical, horizontal, 2));
      cases.push_back(Make(2, 7, 10, 3, vertical, horizontal, 1, 2));
      cases.push_back(Make(1, 9, 8, 1, vertical, horizontal, 2, 3));
    }
  }
  // Many channels over few and many pixels, so that blocks are more than one.
  cases.push_back(Make(48, 9, 30, 19, {5}, {7, 2, 1, 3, 3}, 2));
  cases.push_back(Make(33, 25, 6, 18, {2, 2}, {5, 1, 1, 2, 2}, 2));
  // Winograd, with other padding on each side.
  cases.push_back(Make(9, 14, 13, 10, {3, 1, 1, 0, 2}, {3, 1, 1, 2, 1}, 2));
  cases.push_back(Make(8, 12, 17, 11, {3, 1, 1, 2, 5}, {3, 1, 1, 0, 0}, 2));
  cases.push_back(Make(8, 13, 12, 8, {3, 1, 1, 1, 0}, {3, 1, 1, 0, 4}, 1, 2));
  return cases;
}

// With Winograd's transforms, which mix the products of a tile, the bound that
// winograd.h states.
std::vector<double> Tolerances(const Sums& sums, const Case& c) {
  if (!IsWinogradFaster(c.geometry, c.batch)) return sums.Tolerances();
  const double greatest = std::ranges::max(sums.magnitudes);
  return std::vector<double>(sums.values.size(), kWinogradError * greatest);
}

// Calls visit(output, input, kernel) with the indices of every product of the
// convolution that does not fall on the padding.
template <typename Visit>
void ForEachProduct(const Case& c, Visit&& visit) {
  const ConvolutionGeometry& g = c.geometry;
  const Window &v = g.vertical, &h = g.horizontal;
  const size_t outputs = g.groups * g.output_channels;
  for (size_t n = 0; n < c.batch; ++n) {
    for (size_t o = 0; o < outputs; ++o) {
      const size_t first = o / g.output_channels * g.channels;
      for (size_t oy = 0; oy < g.output_height; ++oy) {
        for (size_t ox = 0; ox < g.output_width; ++ox) {
          for (size_t ch = 0; ch < g.channels; ++ch) {
            for (size_t ky = 0; ky < v.size; ++ky) {
              for (size_t kx = 0; kx < h.size; ++kx) {
                const size_t y = oy * v.stride + ky * v.dilation;
                const size_t x = ox * h.stride + kx * h.dilation;
                const size_t top = v.padding_before, left = h.padding_before;
                if (y < top || y >= top + g.height || x < left ||
                    x >= left + g.width) {
                  continue;
                }
                visit(((n * outputs + o) * g.output_height + oy) *
                              g.output_width +
                          ox,
                      ((n * g.groups * g.channels + first + ch) * g.height + y -
                       top) * g.width +
                          x - left,
                      ((o * g.channels + ch) * v.size + ky) * h.size + kx);
              }
            }
          }
        }
      }
    }
  }
}

struct Data {
  explicit Data(const Case& c, bool allows_winograd = true)
      : uniform(c.geometry.input_size() * 31 + c.geometry.vertical.size),
        input(uniform.Values(c.batch * c.geometry.input_stride())),
        kernels(uniform.Values(c.geometry.groups * c.geometry.kernels_size())),
        biases(uniform.Values(c.geometry.groups * c.geometry.output_channels)),
        gradient(uniform.Values(c.batch * c.geometry.output_stride())),
        // Exactly the promised size, so that the sanitizer sees any excess.
        plan(PlanConvolution(Pool(), c.geometry, c.batch, allows_winograd)),
        workspace(plan.workspace) {
    // The results must not depend on earlier contents.
    std::fill_n(workspace.data(), plan.workspace, NAN);
  }

  Uniform uniform;
  std::vector<float> input, kernels, biases, gradient;
  ConvolutionPlan plan;
  AlignedBuffer workspace;
};

void CheckForward(const Case& c, bool allows_winograd = true) {
  SCOPED_TRACE(Describe(c));
  Data data(c, allows_winograd);
  for (bool biased : {true, false}) {
    const float* biases = biased ? data.biases.data() : nullptr;
    Sums sums(data.gradient.size());
    ForEachProduct(c, [&](size_t output, size_t input, size_t kernel) {
      sums.Add(output,
               static_cast<double>(data.input[input]) * data.kernels[kernel]);
    });
    const size_t pixels = c.geometry.output_pixels();
    for (size_t i = 0; biased && i < sums.values.size(); ++i) {
      sums.Add(i, biases[i / pixels % data.biases.size()]);
    }
    std::vector<float> output(data.gradient.size(), NAN);
    ConvolutionForward(data.plan, data.input.data(), data.kernels.data(),
                       {.biases = biases}, output.data(),
                       data.workspace.data());
    EXPECT_TRUE(Close(biased ? "output" : "output without biases", output,
                      sums.values, Tolerances(sums, c)));
  }
}

TEST(Convolution, Forward) {
  for (const Case& c : Cases()) CheckForward(c);
}

void CheckKernelsGradient(const Case& c, bool allows_winograd = true) {
  SCOPED_TRACE(Describe(c));
  Data data(c, allows_winograd);
  Sums sums(data.kernels.size());
  ForEachProduct(c, [&](size_t output, size_t input, size_t kernel) {
    sums.Add(kernel,
             static_cast<double>(data.gradient[output]) * data.input[input]);
  });
  std::vector<float> gradient(data.kernels.size(), NAN);
  ConvolutionKernelsGradient(data.plan, data.input.data(), data.gradient.data(),
                             gradient.data(), data.workspace.data());
  EXPECT_TRUE(
      Close("kernels gradient", gradient, sums.values, Tolerances(sums, c)));
}

TEST(Convolution, KernelsGradient) {
  for (const Case& c : Cases()) CheckKernelsGradient(c);
}

TEST(Convolution, InputGradient) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Describe(c));
    Data data(c);
    Sums sums(data.input.size());
    ForEachProduct(c, [&](size_t output, size_t input, size_t kernel) {
      sums.Add(input, static_cast<double>(data.gradient[output]) *
                          data.kernels[kernel]);
    });
    std::vector<float> gradient(data.input.size(), NAN);
    ConvolutionInputGradient(data.plan, data.kernels.data(),
                             data.gradient.data(), nullptr, gradient.data(),
                             data.workspace.data());
    EXPECT_TRUE(
        Close("input gradient", gradient, sums.values, Tolerances(sums, c)));
  }
}

TEST(Convolution, EpilogueRectifies) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Describe(c));
    Data data(c);
    std::vector<float> plain(data.gradient.size(), NAN), fused = plain;
    for (const bool rectify : {false, true}) {
      ConvolutionForward(data.plan, data.input.data(), data.kernels.data(),
                         {.biases = data.biases.data(), .rectify = rectify},
                         (rectify ? fused : plain).data(),
                         data.workspace.data());
    }
    for (float& each : plain) each = each < 0 ? 0 : each;
    EXPECT_EQ(fused, plain);

    // The sign of the input serves as the ReLU's output.
    std::vector<float> gradient(data.input.size(), NAN), masked = gradient;
    for (const bool rectify : {false, true}) {
      ConvolutionInputGradient(
          data.plan, data.kernels.data(), data.gradient.data(),
          rectify ? data.input.data() : nullptr,
          (rectify ? masked : gradient).data(), data.workspace.data());
    }
    for (size_t i = 0; i < gradient.size(); ++i) {
      if (!(data.input[i] > 0)) gradient[i] = 0;
    }
    EXPECT_EQ(masked, gradient);
  }
}

TEST(Convolution, WinogradIsAmongTheCases) {
  const auto cases = Cases();
  EXPECT_EQ(
      std::ranges::count_if(
          cases,
          [](const Case& c) { return IsWinogradFaster(c.geometry, c.batch); }),
      14);
}

TEST(Convolution, WinogradCanBeSwitchedOff) {
  for (const Case& c : Cases()) {
    if (!IsWinogradFaster(c.geometry, c.batch)) continue;
    CheckForward(c, false);
    CheckKernelsGradient(c, false);
    // A pixel that is not finite reaches the outputs whose windows hold it, and
    // numbers near the largest overflow no transform.
    Data data(c, false);
    for (float& value : data.input) value *= 1e36f;
    const ConvolutionGeometry& g = c.geometry;
    data.input[g.width * 2 + 2] = NAN;
    std::vector<float> output(data.gradient.size());
    ConvolutionForward(data.plan, data.input.data(), data.kernels.data(), {},
                       output.data(), data.workspace.data());
    EXPECT_EQ(std::ranges::count_if(
                  output, [](float value) { return !std::isfinite(value); }),
              static_cast<ptrdiff_t>(9 * g.output_channels));
  }
}

TEST(Convolution, EmptyBatchHasNoGradient) {
  const Case c = Make(1, 3, 3, 2, 2, 1, 0, 0, 0);
  Data data(c);
  std::vector<float> gradient(data.kernels.size(), NAN);
  ConvolutionKernelsGradient(data.plan, data.input.data(), data.gradient.data(),
                             gradient.data(), data.workspace.data());
  EXPECT_EQ(gradient, std::vector<float>(gradient.size(), 0.0f));
}

}  // namespace
}  // namespace lamella::test
