// Grouped and dilated convolution and its gradients against their definition in
// float64.
#include "kernels/grouped_convolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

constexpr size_t kBatch = 2;

GroupedGeometry Make(size_t channels, size_t outputs, size_t groups,
                     size_t kernel, size_t stride, size_t dilation,
                     size_t before, size_t after) {
  constexpr size_t kHeight = 9, kWidth = 11;
  const size_t extent = (kernel - 1) * dilation + 1;
  return {{.channels = channels,
           .height = kHeight,
           .width = kWidth,
           .output_channels = outputs,
           .output_height = (kHeight + before + after - extent) / stride + 1,
           .output_width = (kWidth + before + after - extent) / stride + 1,
           .kernel_size = kernel,
           .stride = stride,
           .padding = before},
          groups,
          dilation};
}

std::string Describe(const GroupedGeometry& g) {
  return Cat("channels ", g.channels, " -> ", g.output_channels, ", groups ",
             g.groups, ", kernel ", g.kernel_size, ", stride ", g.stride,
             ", dilation ", g.dilation, ", padding ", g.padding);
}

std::vector<GroupedGeometry> Cases() {
  std::vector<GroupedGeometry> cases;
  for (size_t kernel : {1, 2, 3}) {
    for (size_t stride : {1, 2, 3}) {
      for (size_t dilation : {1, 2, 3}) {
        for (size_t before : {0, 2, 5}) {
          cases.push_back(
              Make(4, 6, 2, kernel, stride, dilation, before, before + 1));
          cases.push_back(
              Make(3, 3, 3, kernel, stride, dilation, before, before));
        }
      }
    }
  }
  cases.push_back(Make(2, 3, 1, 3, 1, 2, 2, 2));
  // More outputs than channels in each group, and pixels no window reaches.
  cases.push_back(Make(2, 8, 2, 3, 1, 1, 1, 1));
  cases.push_back(Make(2, 2, 2, 2, 5, 1, 0, 0));
  return cases;
}

// Calls visit(output, input, kernel) with the indices of every product that
// does not fall on the padding.
template <typename Visit>
void ForEachProduct(const GroupedGeometry& g, Visit&& visit) {
  const size_t k = g.kernel_size, depth = g.channels / g.groups;
  for (size_t n = 0; n < kBatch; ++n) {
    for (size_t o = 0; o < g.output_channels; ++o) {
      const size_t group = o / (g.output_channels / g.groups);
      for (size_t pixel = 0; pixel < g.output_pixels(); ++pixel) {
        for (size_t tap = 0; tap < depth * k * k; ++tap) {
          const size_t y =
              pixel / g.output_width * g.stride + tap / k % k * g.dilation;
          const size_t x =
              pixel % g.output_width * g.stride + tap % k * g.dilation;
          if (y < g.padding || y >= g.padding + g.height || x < g.padding ||
              x >= g.padding + g.width) {
            continue;
          }
          const size_t channel = group * depth + tap / (k * k);
          visit((n * g.output_channels + o) * g.output_pixels() + pixel,
                ((n * g.channels + channel) * g.height + y - g.padding) *
                        g.width +
                    x - g.padding,
                o * depth * k * k + tap);
        }
      }
    }
  }
}

struct Data {
  explicit Data(const GroupedGeometry& g)
      : uniform(g.input_size() * 31 + g.kernel_size),
        input(uniform.Values(kBatch * g.input_size())),
        kernels(uniform.Values(g.output_channels * g.column_size() / g.groups)),
        biases(uniform.Values(g.output_channels)),
        gradient(uniform.Values(kBatch * g.output_size())),
        // Exactly the promised size, so that the sanitizer sees any excess.
        workspace(GroupedConvolutionWorkspaceSize(g, kBatch)) {}

  Uniform uniform;
  std::vector<float> input, kernels, biases, gradient;
  AlignedBuffer workspace;
};

TEST(GroupedConvolution, Forward) {
  for (const GroupedGeometry& g : Cases()) {
    SCOPED_TRACE(Describe(g));
    Data data(g);
    for (bool biased : {true, false}) {
      Sums sums(data.gradient.size());
      ForEachProduct(g, [&](size_t output, size_t input, size_t kernel) {
        sums.Add(output,
                 static_cast<double>(data.input[input]) * data.kernels[kernel]);
      });
      for (size_t i = 0; biased && i < sums.values.size(); ++i) {
        sums.Add(i, data.biases[i / g.output_pixels() % g.output_channels]);
      }
      std::vector<float> output(data.gradient.size(), NAN);
      GroupedConvolutionForward(g, kBatch, data.input.data(),
                                data.kernels.data(),
                                biased ? data.biases.data() : nullptr,
                                output.data(), data.workspace.data());
      EXPECT_TRUE(Close("output", output, sums.values, sums.Tolerances()));
    }
  }
}

TEST(GroupedConvolution, KernelsGradient) {
  for (const GroupedGeometry& g : Cases()) {
    SCOPED_TRACE(Describe(g));
    Data data(g);
    Sums sums(data.kernels.size());
    ForEachProduct(g, [&](size_t output, size_t input, size_t kernel) {
      sums.Add(kernel,
               static_cast<double>(data.gradient[output]) * data.input[input]);
    });
    std::vector<float> gradient(data.kernels.size(), NAN);
    GroupedConvolutionKernelsGradient(g, kBatch, data.input.data(),
                                      data.gradient.data(), gradient.data(),
                                      data.workspace.data());
    EXPECT_TRUE(
        Close("kernels gradient", gradient, sums.values, sums.Tolerances()));
  }
}

TEST(GroupedConvolution, InputGradient) {
  for (const GroupedGeometry& g : Cases()) {
    SCOPED_TRACE(Describe(g));
    Data data(g);
    Sums sums(data.input.size());
    ForEachProduct(g, [&](size_t output, size_t input, size_t kernel) {
      sums.Add(input, static_cast<double>(data.gradient[output]) *
                          data.kernels[kernel]);
    });
    std::vector<float> gradient(data.input.size(), NAN);
    GroupedConvolutionInputGradient(g, kBatch, data.kernels.data(),
                                    data.gradient.data(), gradient.data(),
                                    data.workspace.data());
    EXPECT_TRUE(
        Close("input gradient", gradient, sums.values, sums.Tolerances()));
  }
}

}  // namespace
}  // namespace lamella::test
