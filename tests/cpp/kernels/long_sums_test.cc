// Sums over so many terms that float32 alone would lose them.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "kernels/batch_norm.h"
#include "kernels/convolution.h"
#include "kernels/elementwise.h"
#include "kernels/gemm.h"
#include "kernels/reductions.h"
#include "kernels/softmax.h"
#include "kernels/winograd.h"
#include "test_util.h"

namespace lamella::test {
namespace {

constexpr size_t kMany = 10'000'000;

double Total(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST(LongSums, SoftmaxAddsUpToOne) {
  const std::vector<float> x(kMany, 0.25f);
  std::vector<float> y(kMany);
  SoftmaxForward(Pool(), x.data(), 1, kMany, 1, 1.0f, y.data());
  EXPECT_NEAR(Total(y), 1.0, 1e-6);
  // Classes apart from each other, as in images.
  const size_t classes = kMany / 3;
  SoftmaxForward(Pool(), x.data(), 1, classes, 3, 1.0f, y.data());
  EXPECT_NEAR(Total(y), 3.0, 3e-6);
}

TEST(LongSums, CrossEntropyOfManyClasses) {
  const std::vector<float> logits(kMany, 0.0f);
  std::vector<float> expected(kMany, 0.0f), gradient(kMany);
  expected[7] = 1.0f;
  const double loss =
      SoftmaxCrossEntropy(logits.data(), expected.data(), 1, kMany, 1.0f, 1.0f,
                          nullptr, gradient.data());
  EXPECT_NEAR(loss, std::log(static_cast<double>(kMany)), 1e-6);
  EXPECT_NEAR(Total(gradient), 0.0, 1e-6);
}

TEST(LongSums, RowsOfAMatrix) {
  constexpr size_t kColumns = 21;  // A full line, and a rest of one and a half.
  const std::vector<float> x(kMany / kColumns * kColumns, 0.1f);
  const size_t rows = x.size() / kColumns;
  std::vector<float> sums(kColumns, NAN);
  SumRows(x.data(), rows, kColumns, sums.data());
  const double wanted = static_cast<double>(rows) * double{0.1f};
  EXPECT_TRUE(Close("sums", sums, std::vector<double>(kColumns, wanted),
                    wanted * kEpsilon));
}

TEST(LongSums, ProductsOverManyRows) {
  const std::vector<float> a(kMany, 0.1f), b(kMany, 0.3f);
  std::vector<float> workspace(GemmWorkspaceSize(Pool(), 1, 1, kMany), NAN);
  const float bias = -1.0f;
  float c = NAN;
  Gemm(Pool(), 1, 1, kMany, {a.data(), 1, 1}, {b.data(), 1, 1}, &c, 1,
       {.column_bias = &bias, .rectify = true}, workspace.data());
  const double wanted = static_cast<double>(kMany) * 0.1f * 0.3f - 1.0;
  EXPECT_NEAR(c, wanted, 1e-5 * wanted);
  const float negative = -1e6f;
  Gemm(Pool(), 1, 1, kMany, {a.data(), 1, 1}, {b.data(), 1, 1}, &c, 1,
       {.column_bias = &negative, .rectify = true}, workspace.data());
  EXPECT_EQ(c, 0.0f);
}

class KernelsGradientOfALargeImage
    : public ::testing::TestWithParam<ConvolutionGeometry> {};

TEST_P(KernelsGradientOfALargeImage, IsAccurate) {
  const ConvolutionGeometry& g = GetParam();
  const std::vector<float> x(g.input_size(), 0.1f);
  const std::vector<float> slope(g.output_size(), 0.3f);
  const ConvolutionPlan plan = PlanConvolution(Pool(), g, 1);
  std::vector<float> workspace(plan.workspace, NAN);
  std::vector<float> gradient(g.kernels_size(), NAN);
  ConvolutionKernelsGradient(plan, x.data(), slope.data(), gradient.data(),
                             workspace.data());
  const double wanted = static_cast<double>(g.output_pixels()) * 0.1f * 0.3f;
  // The transforms of the one have an error of their own.
  const double bound = IsWinogradFaster(g, 1) ? 2e-5 : 1e-5;
  EXPECT_TRUE(Close("gradient", gradient,
                    std::vector<double>(gradient.size(), wanted),
                    bound * wanted));
}

ConvolutionGeometry LargeImage(size_t channels, size_t kernel, size_t stride) {
  const size_t size = 1026;
  const Window window = {.size = kernel, .stride = stride};
  return {.channels = channels,
          .height = size,
          .width = size,
          .output_channels = channels,
          .output_height = window.Count(size),
          .output_width = window.Count(size),
          .vertical = window,
          .horizontal = window};
}

INSTANTIATE_TEST_SUITE_P(Direct, KernelsGradientOfALargeImage,
                         ::testing::Values(LargeImage(1, 1, 1)));
INSTANTIATE_TEST_SUITE_P(Strided, KernelsGradientOfALargeImage,
                         ::testing::Values(LargeImage(1, 2, 2)));
INSTANTIATE_TEST_SUITE_P(Winograd, KernelsGradientOfALargeImage,
                         ::testing::Values(LargeImage(8, 3, 1)));

TEST(LongSums, LossesNearZero) {
  for (const float distance : {5.0f, 25.0f, 37.0f, 60.0f}) {
    const std::vector<float> logits = {-distance, 0.0f, -distance};
    const std::vector<float> expected = {0.0f, 1.0f, 0.0f};
    const float label = 1.0f;
    std::vector<float> gradient(3);
    // float32's exponential is off by some units in the last place.
    const double wanted = std::log1p(2 * std::exp(-double{distance}));
    EXPECT_NEAR(SoftmaxCrossEntropy(logits.data(), expected.data(), 1, 3, 1.0f,
                                    1.0f, nullptr, gradient.data()),
                wanted, 1e-6 * wanted);
    EXPECT_NEAR(SparseSoftmaxCrossEntropy(logits.data(), &label, 1, 3, 1.0f,
                                          1.0f, nullptr, gradient.data()),
                wanted, 1e-6 * wanted);
  }
}

TEST(LongSums, CompensatedAddition) {
  float sum = 1.0f, lost = 0.0f;
  const float term = 1e-8f;  // Each alone would be lost.
  for (size_t i = 0; i < kMany; ++i) AddCompensated(&term, &sum, &lost, 1);
  EXPECT_NEAR(sum, 1 + kMany * double{1e-8f}, 1e-6);
}

TEST(BatchMoments, OfAConstantChannelAreExact) {
  for (const float value : {100.1f, 3.3f, -1e-3f, 1e30f}) {
    const BatchNormGeometry g = {.batch = 4, .channels = 2, .pixels = 784};
    const std::vector<float> x(g.size(), value), ones(2, 1.0f), zeros(2, 0.0f);
    std::vector<float> mean(2), rest(2), variance(2), inverse(2);
    std::vector<float> y(g.size());
    BatchMoments(Pool(), g, x.data(), mean.data(), rest.data(),
                 variance.data());
    EXPECT_EQ(mean[1], value);
    EXPECT_EQ(rest[1], 0.0f);
    EXPECT_EQ(variance[1], 0.0f);
    InverseDeviations(variance.data(), 1e-8f, 2, inverse.data());
    BatchNorm(
        Pool(), g,
        {mean.data(), rest.data(), inverse.data(), ones.data(), zeros.data()},
        x.data(), false, y.data());
    EXPECT_EQ(y, std::vector<float>(g.size(), 0.0f));
  }
}

TEST(BatchMoments, FarFromZeroKeepTheDeviation) {
  const BatchNormGeometry g = {.batch = 8, .channels = 1, .pixels = 1000};
  std::vector<float> x(g.size());
  Uniform uniform(3);
  for (float& each : x) each = 1e6f + uniform(-1.7f, 1.7f);
  double mean = Total(x) / static_cast<double>(x.size()), square = 0;
  for (const float each : x) square += (each - mean) * (each - mean);
  const double deviation = std::sqrt(square / static_cast<double>(x.size()));
  const float one = 1.0f, zero = 0.0f;
  float got_mean, rest, variance, inverse;
  std::vector<float> y(g.size());
  BatchMoments(Pool(), g, x.data(), &got_mean, &rest, &variance);
  InverseDeviations(&variance, 1e-8f, 1, &inverse);
  BatchNorm(Pool(), g, {&got_mean, &rest, &inverse, &one, &zero}, x.data(),
            false, y.data());
  std::vector<double> wanted;
  for (const float each : x) wanted.push_back((each - mean) / deviation);
  EXPECT_TRUE(Close("y", y, wanted, 1e-5));
}

TEST(BatchMoments, KeepNaN) {
  const BatchNormGeometry g = {.batch = 1, .channels = 1, .pixels = 4};
  const std::vector<float> x = {1.0f, NAN, 2.0f, 3.0f};
  float mean = 0, rest = 0, variance = 0;
  BatchMoments(Pool(), g, x.data(), &mean, &rest, &variance);
  EXPECT_TRUE(std::isnan(mean));
  EXPECT_TRUE(std::isnan(variance));
}

}  // namespace
}  // namespace lamella::test
