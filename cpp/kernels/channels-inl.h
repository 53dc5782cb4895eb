// Loops over tensors that have a number of something for each channel.
#ifndef LAMELLA_KERNELS_CHANNELS_INL_H_
#define LAMELLA_KERNELS_CHANNELS_INL_H_

#include <array>
#include <cstddef>
#include <utility>

#include "kernels/parallel-inl.h"
#include "tensor/axis.h"

namespace lamella {

/// Numbers of some channels in some rows: number i of a channel in a row lies
/// at start + row * stride + channel * inner + i. Where `inner` is 1, vectors
/// lie across the channels, otherwise within one.
struct ChannelBlock {
  size_t start;
  size_t rows;
  size_t stride;
  size_t channels;
  size_t inner;
};

/// Places of numbers, each of which holds one for every channel.
template <size_t kCount>
using ChannelNumbers = std::array<const float*, kCount>;

namespace channels {

/// The places, `channels` channels on.
template <typename Places>
Places Offset(Places places, size_t channels) {
  for (auto& place : places) place += channels;
  return places;
}

/// The numbers of the channels of a vector.
template <size_t kCount>
std::array<simd::Vec, kCount> Across(const ChannelNumbers<kCount>& numbers,
                                     size_t channel, size_t count) {
  return [&]<size_t... k>(std::index_sequence<k...>) {
    return std::array<simd::Vec, kCount>{
        simd::LoadSome(numbers[k] + channel, count)...};
  }
  (std::make_index_sequence<kCount>());
}

/// Those of one channel.
template <size_t kCount>
std::array<simd::Vec, kCount> Within(const ChannelNumbers<kCount>& numbers,
                                     size_t channel) {
  return [&]<size_t... k>(std::index_sequence<k...>) {
    return std::array<simd::Vec, kCount>{simd::Splat(numbers[k][channel])...};
  }
  (std::make_index_sequence<kCount>());
}

/// Adds the terms of all i below `count`: four at a time, as each step into
/// float64 takes as long.
template <size_t kSums, typename Term>
void AddTerms(size_t count, const Term& term,
              std::array<simd::LaneSums, kSums>& sums) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const auto a = term(i), b = term(i + 1), c = term(i + 2), d = term(i + 3);
#pragma clang loop unroll(full)
    for (size_t k = 0; k < kSums; ++k) {
      sums[k].Add(
          simd::hn::Add(simd::hn::Add(a[k], b[k]), simd::hn::Add(c[k], d[k])));
    }
  }
  for (; i < count; ++i) {
    const auto a = term(i);
#pragma clang loop unroll(full)
    for (size_t k = 0; k < kSums; ++k) sums[k].Add(a[k]);
  }
}

}  // namespace channels

/// Calls `body(row, at, count, own)` for vectors of `count` floats at place
/// `at`, which are all of the block; `own` are the numbers of their channels.
template <size_t kNumbers, typename Body>
void MapChannels(const ChannelBlock& block,
                 const ChannelNumbers<kNumbers>& numbers, const Body& body) {
  for (size_t row = 0; row < block.rows; ++row) {
    const size_t start = block.start + row * block.stride;
    if (block.inner == 1) {
      simd::ForEachVector(block.channels, [&](size_t c, size_t count) {
        body(row, start + c, count, channels::Across(numbers, c, count));
      });
      continue;
    }
    for (size_t c = 0; c < block.channels; ++c) {
      const auto own = channels::Within(numbers, c);
      simd::ForEachVector(block.inner, [&](size_t i, size_t count) {
        body(row, start + c * block.inner + i, count, own);
      });
    }
  }
}

/// sums[k][channel] = the sum of term(row, at, count, own)[k] over all rows and
/// numbers of the channel, in float64.
template <size_t kSums, size_t kNumbers, typename Term>
void SumOverRows(const ChannelBlock& block,
                 const ChannelNumbers<kNumbers>& numbers, const Term& term,
                 const std::array<float*, kSums>& sums) {
  using simd::kLanes;
  if (block.inner == 1) {
    simd::ForEachVector(block.channels, [&](size_t c, size_t count) {
      const auto own = channels::Across(numbers, c, count);
      std::array<simd::LaneSums, kSums> totals;
      channels::AddTerms(
          block.rows,
          [&](size_t row) {
            return term(row, block.start + row * block.stride + c, count, own);
          },
          totals);
      for (size_t k = 0; k < kSums; ++k) {
        simd::StoreSome(totals[k].Rounded(), sums[k] + c, count);
      }
    });
    return;
  }
  const size_t whole = block.inner / kLanes, rest = block.inner % kLanes;
  for (size_t c = 0; c < block.channels; ++c) {
    const auto own = channels::Within(numbers, c);
    std::array<simd::LaneSums, kSums> totals;
    for (size_t row = 0; row < block.rows; ++row) {
      const size_t at = block.start + row * block.stride + c * block.inner;
      channels::AddTerms(
          whole,
          [&](size_t i) { return term(row, at + i * kLanes, kLanes, own); },
          totals);
      if (rest == 0) continue;
      // Lanes beyond the end hold the terms of zeros.
      const auto last = term(row, at + whole * kLanes, rest, own);
      const auto valid = simd::hn::FirstN(simd::Floats(), rest);
      for (size_t k = 0; k < kSums; ++k) {
        totals[k].Add(simd::hn::IfThenElseZero(valid, last[k]));
      }
    }
    for (size_t k = 0; k < kSums; ++k) {
      sums[k][c] = static_cast<float>(totals[k].Total());
    }
  }
}

/// As `MapChannels` on all threads, of a tensor whose channels lie along an
/// axis. `body(at, count, own)` knows no row.
template <size_t kNumbers, typename Body>
void ParallelMapChannels(ThreadPool& pool, const AxisView& view,
                         const ChannelNumbers<kNumbers>& numbers,
                         const Body& body) {
  const auto [outer, size, inner] = view;
  const auto map = [&body](const ChannelBlock& block,
                           const ChannelNumbers<kNumbers>& own) {
    MapChannels(block, own,
                [&](size_t, size_t at, size_t count, const auto& numbers) {
                  body(at, count, numbers);
                });
  };
  if (inner == 1) {
    ParallelRows(pool, outer, size, [=, size = size](size_t first, size_t own) {
      map({first * size, own, size, size, 1}, numbers);
    });
    return;
  }
  ParallelRows(pool, outer * size, inner,
               [=, size = size, inner = inner](size_t first, size_t own) {
                 for (size_t run = first; run < first + own; ++run) {
                   map({run * inner, 1, inner, 1, inner},
                       channels::Offset(numbers, run % size));
                 }
               });
}

/// As `SumOverRows` on all threads, of a tensor whose channels lie along an
/// axis.
template <size_t kSums, size_t kNumbers, typename Term>
void ParallelSumChannels(ThreadPool& pool, const AxisView& view,
                         const ChannelNumbers<kNumbers>& numbers,
                         const Term& term,
                         const std::array<float*, kSums>& sums) {
  const auto [outer, size, inner] = view;
  // Vectors across channels are left whole: a line of the cache at a time.
  const size_t unit = inner == 1 ? kLineFloats : 1;
  ParallelRows(pool, (size + unit - 1) / unit, unit * outer * inner,
               [=, &term, outer = outer, size = size, inner = inner](
                   size_t first, size_t own) {
                 const size_t channel = first * unit;
                 SumOverRows({channel * inner, outer, size * inner,
                              std::min(own * unit, size - channel), inner},
                             channels::Offset(numbers, channel), term,
                             channels::Offset(sums, channel));
               });
}

}  // namespace lamella

#endif  // LAMELLA_KERNELS_CHANNELS_INL_H_
