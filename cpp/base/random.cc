#include "base/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/math.h"

namespace lamella {
namespace {

// Uniform in (0, 1): 24 bits, centred in their interval, so that the logarithm
// below never sees zero.
float UnitInterval(uint32_t word) {
  return (static_cast<float>(word >> 8) + 0.5f) * 0x1p-24f;
}

}  // namespace

std::array<uint32_t, 4> Philox(std::array<uint32_t, 4> counter,
                               std::array<uint32_t, 2> key) {
  // Multipliers and key increments (golden ratio, sqrt(3) - 1) are those of
  // the paper's Philox4x32.
  constexpr uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = kMultiplier0 * counter[0];
    const uint64_t product1 = kMultiplier1 * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

std::array<uint32_t, 4> RandomStream::Next() {
  const Block block = At(position_++);
  return Philox(block.counter, block.key);
}

void RandomStream::FillNormal(std::span<float> values,
                              float standard_deviation) {
  constexpr float kTwoPi = 6.28318530717958647692f;
  for (size_t i = 0; i < values.size(); i += 4) {
    const auto words = Next();
    float normal[4];
    for (size_t pair = 0; pair < 4; pair += 2) {
      const float radius =
          std::sqrt(-2.0f * static_cast<float>(Log(UnitInterval(words[pair]))));
      const float angle = kTwoPi * UnitInterval(words[pair + 1]);
      const auto [sine, cosine] = SinCos(angle);
      normal[pair] = radius * static_cast<float>(cosine);
      normal[pair + 1] = radius * static_cast<float>(sine);
    }
    for (size_t j = 0; j < 4 && i + j < values.size(); ++j) {
      values[i + j] = normal[j] * standard_deviation;
    }
  }
}

void RandomStream::FillUniform(std::span<float> values, float limit) {
  for (size_t i = 0; i < values.size(); i += 4) {
    const auto words = Next();
    for (size_t j = 0; j < 4 && i + j < values.size(); ++j) {
      values[i + j] = (2 * UnitInterval(words[j]) - 1) * limit;
    }
  }
}

void RandomStream::FillMask(std::span<float> values, double drop_probability,
                            float kept) {
  // An element is dropped when its word lies below probability * 2^32; 64 bits
  // hold the threshold of probability 1 as well.
  const auto threshold = static_cast<uint64_t>(drop_probability * 0x1p32);
  for (size_t i = 0; i < values.size(); i += 4) {
    const auto words = Next();
    for (size_t j = 0; j < 4 && i + j < values.size(); ++j) {
      values[i + j] = words[j] < threshold ? 0.0f : kept;
    }
  }
}

void RandomStream::FillPermutation(std::span<uint32_t> indices) {
  std::iota(indices.begin(), indices.end(), 0u);
  // Places are drawn some at a time, so that the swaps, each of which waits for
  // memory, stand close enough together for the processor to overlap them.
  std::array<uint32_t, 256> places;
  for (size_t left = indices.size(); left > 1;) {
    const size_t count = std::min(left - 1, places.size());
    for (size_t j = 0; j < count; ++j) {
      // A 64-bit fraction scaled to [0, i): the bias is below i / 2^64.
      const uint64_t i = left - j;
      const auto words = Next();
      const uint64_t low = words[1] * i;
      const uint64_t high = words[0] * i + (low >> 32);
      places[j] = static_cast<uint32_t>(high >> 32);
    }
    for (size_t j = 0; j < count; ++j) {
      std::swap(indices[left - 1 - j], indices[places[j]]);
    }
    left -= count;
  }
}

}  // namespace lamella
