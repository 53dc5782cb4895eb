// The random number generator: known answers and distributions.
#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

using Words = std::array<uint32_t, 4>;

// From the file kat_vectors of the paper's authors (Random123), philox4x32 10.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(Philox({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(Philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                   {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, StreamsDiffer) {
  std::set<Words> seen;
  size_t count = 0;
  for (uint64_t seed : {0ull, 1ull, 1ull << 32, ~0ull}) {
    for (RandomPurpose purpose :
         {RandomPurpose::kInitialization, RandomPurpose::kDropout,
          RandomPurpose::kShuffle}) {
      for (uint32_t index : {0u, 1u, 0x80000000u}) {
        RandomStream stream(seed, purpose, index);
        for (int i = 0; i < 5; ++i, ++count) seen.insert(stream.Next());
      }
    }
  }
  EXPECT_EQ(seen.size(), count);
}

TEST(RandomStream, PositionContinuesExactly) {
  RandomStream stream(7, RandomPurpose::kDropout, 3);
  for (int i = 0; i < 10; ++i) stream.Next();
  RandomStream resumed(7, RandomPurpose::kDropout, 3);
  resumed.set_position(stream.position());
  EXPECT_EQ(stream.position(), 10u);
  EXPECT_EQ(resumed.Next(), stream.Next());
  // Beyond 32 bits the next word of the counter is used.
  resumed.set_position(0xffffffffu);
  const Words before = resumed.Next();
  const Words after = resumed.Next();
  RandomStream zero(7, RandomPurpose::kDropout, 3);
  EXPECT_NE(after, zero.Next());
  EXPECT_NE(after, before);
}

TEST(RandomStream, NormalMoments) {
  constexpr size_t kSize = 200000;
  constexpr double kDeviation = 0.5;
  std::vector<float> values(kSize, NAN);
  RandomStream(1, RandomPurpose::kInitialization, 0)
      .FillNormal(values, static_cast<float>(kDeviation));
  double moments[5] = {};
  for (float value : values) {
    const double z = value / kDeviation;
    for (int power = 1; power <= 4; ++power) {
      moments[power] += std::pow(z, power) / kSize;
    }
  }
  // Five standard errors: the variances of z, z^2, z^3, z^4 are 1, 2, 15, 96.
  const double n = kSize;
  EXPECT_NEAR(moments[1], 0, 5 * std::sqrt(1 / n));
  EXPECT_NEAR(moments[2], 1, 5 * std::sqrt(2 / n));
  EXPECT_NEAR(moments[3], 0, 5 * std::sqrt(15 / n));
  EXPECT_NEAR(moments[4], 3, 5 * std::sqrt(96 / n));
  // Neighbours, which one pair of uniforms makes, are uncorrelated.
  double product = 0;
  for (size_t i = 0; i + 1 < kSize; ++i) {
    product += values[i] * values[i + 1] / (kDeviation * kDeviation * n);
  }
  EXPECT_NEAR(product, 0, 5 * std::sqrt(1 / n));
}

TEST(RandomStream, NormalFillsEverySize) {
  std::vector<float> longest(9);
  RandomStream(2, RandomPurpose::kInitialization, 0).FillNormal(longest, 1);
  for (size_t size = 0; size < longest.size(); ++size) {
    std::vector<float> values(size + 1, 99.0f);
    RandomStream(2, RandomPurpose::kInitialization, 0)
        .FillNormal(std::span(values).first(size), 1);
    EXPECT_TRUE(std::equal(values.begin(), values.end() - 1, longest.begin()))
        << "size " << size;
    EXPECT_EQ(values.back(), 99.0f);
  }
}

TEST(RandomStream, MaskFrequency) {
  constexpr size_t kSize = 100001;
  for (double probability : {0.0, 0.1, 0.5, 0.9, 1.0}) {
    std::vector<float> mask(kSize, NAN);
    RandomStream(3, RandomPurpose::kDropout, 0)
        .FillMask(mask, probability, 2.5f);
    const auto dropped = std::ranges::count(mask, 0.0f);
    const auto kept = std::ranges::count(mask, 2.5f);
    EXPECT_EQ(static_cast<size_t>(dropped + kept), kSize);
    const double n = kSize;
    EXPECT_NEAR(static_cast<double>(dropped) / n, probability,
                5 * std::sqrt(probability * (1 - probability) / n));
  }
}

std::vector<uint32_t> Permutation(size_t size, uint64_t seed, uint32_t epoch) {
  std::vector<uint32_t> indices(size, 0xffffffff);
  RandomStream(seed, RandomPurpose::kShuffle, epoch).FillPermutation(indices);
  return indices;
}

TEST(RandomStream, PermutationHoldsEveryIndexOnce) {
  for (size_t size : {0, 1, 2, 3, 10, 1000}) {
    std::vector<uint32_t> indices = Permutation(size, 5, 0);
    std::ranges::sort(indices);
    std::vector<uint32_t> wanted(size);
    std::iota(wanted.begin(), wanted.end(), 0u);
    EXPECT_EQ(indices, wanted);
  }
}

TEST(RandomStream, PermutationIsThatOfFisherAndYates) {
  for (const size_t size : {2, 256, 257, 258, 513, 1000}) {
    std::vector<uint32_t> expected(size);
    std::iota(expected.begin(), expected.end(), 0u);
    RandomStream stream(5, RandomPurpose::kShuffle, 1);
    for (size_t i = size; i > 1; --i) {
      const auto words = stream.Next();
      const double fraction = words[0] * 0x1p-32 + words[1] * 0x1p-64;
      std::swap(
          expected[i - 1],
          expected[static_cast<size_t>(fraction * static_cast<double>(i))]);
    }
    EXPECT_EQ(Permutation(size, 5, 1), expected) << size;
  }
}

TEST(RandomStream, PermutationDependsOnSeedAndEpoch) {
  EXPECT_EQ(Permutation(100, 5, 1), Permutation(100, 5, 1));
  EXPECT_NE(Permutation(100, 5, 1), Permutation(100, 5, 2));
  EXPECT_NE(Permutation(100, 5, 1), Permutation(100, 6, 1));
}

TEST(RandomStream, PermutationsAreUniform) {
  // All 24 orders of four, each 1000 times on average.
  constexpr int kTrials = 24000;
  std::vector<int> counts(256);
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto p = Permutation(4, 9, static_cast<uint32_t>(trial));
    ++counts[p[0] + 4 * p[1] + 16 * p[2] + 64 * p[3]];
  }
  EXPECT_EQ(std::ranges::count_if(counts, [](int n) { return n > 0; }), 24);
  for (int count : counts) {
    if (count > 0) EXPECT_NEAR(count, 1000, 5 * std::sqrt(1000.0));
  }
}

}  // namespace
}  // namespace lamella::test
