// Philox on vectors: the words that RandomStream::Next returns, four positions
// at a time.
#ifndef LAMELLA_KERNELS_PHILOX_INL_H_
#define LAMELLA_KERNELS_PHILOX_INL_H_

#include <cstdint>

#include "base/random.h"
#include "kernels/simd.h"

namespace lamella::simd {

using Words = hn::FixedTag<uint32_t, 4>;

/// The words of `position` and the three after it: lane i of words[j] is word j
/// of position + i.
HWY_NOINLINE inline void Philox(const RandomStream& stream, uint64_t position,
                                hn::Vec<Words> words[kLanes]) {
  const Words d;
  uint32_t low[kLanes], high[kLanes];
  for (size_t lane = 0; lane < kLanes; ++lane) {
    low[lane] = static_cast<uint32_t>(position + lane);
    high[lane] = static_cast<uint32_t>((position + lane) >> 32);
  }
  const RandomStream::Block block = stream.At(position);
  auto x0 = hn::LoadU(d, low), x1 = hn::LoadU(d, high);
  auto x2 = hn::Set(d, block.counter[2]), x3 = hn::Set(d, block.counter[3]);
  auto key0 = hn::Set(d, block.key[0]), key1 = hn::Set(d, block.key[1]);
  // The constants of lamella::Philox.
  const auto multiplier0 = hn::Set(d, 0xD2511F53u);
  const auto multiplier1 = hn::Set(d, 0xCD9E8D57u);
  const auto step0 = hn::Set(d, 0x9E3779B9u), step1 = hn::Set(d, 0xBB67AE85u);
  for (int round = 0; round < 10; ++round) {
    const auto high0 = hn::MulHigh(multiplier0, x0);
    const auto high1 = hn::MulHigh(multiplier1, x2);
    const auto low0 = hn::Mul(multiplier0, x0), low1 = hn::Mul(multiplier1, x2);
    x0 = hn::Xor3(high1, x1, key0);
    x2 = hn::Xor3(high0, x3, key1);
    x1 = low1;
    x3 = low0;
    key0 = hn::Add(key0, step0);
    key1 = hn::Add(key1, step1);
  }
  words[0] = x0;
  words[1] = x1;
  words[2] = x2;
  words[3] = x3;
}

}  // namespace lamella::simd

#endif  // LAMELLA_KERNELS_PHILOX_INL_H_
