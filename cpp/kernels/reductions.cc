#include "kernels/reductions.h"

#include <algorithm>
#include <cassert>

#include "kernels/parallel-inl.h"

namespace lamella {

using simd::kLanes;
using simd::Vec;
namespace hn = simd::hn;

namespace {

// Adds term(i) of all i below `count` to `sums`: four at a time, as each step
// into float64 takes as long.
template <typename Term>
void AddTerms(size_t count, const Term& term, simd::LaneSums& sums) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    sums.Add(hn::Add(hn::Add(term(i), term(i + 1)),
                     hn::Add(term(i + 2), term(i + 3))));
  }
  for (; i < count; ++i) sums.Add(term(i));
}

}  // namespace

void SumRows(const float* x, size_t rows, size_t columns, float* sums) {
  // A line of the cache at a time: none is read twice where rows are whole
  // lines.
  constexpr size_t kVectors = 4, kColumns = kVectors * kLanes;
  size_t j = 0;
  for (; j + kColumns <= columns; j += kColumns) {
    simd::LaneSums line[kVectors];
    for (size_t i = 0; i < rows; ++i) {
      const float* from = x + i * columns + j;
#pragma clang loop unroll(full)
      for (size_t v = 0; v < kVectors; ++v) {
        line[v].Add(simd::Load(from + v * kLanes));
      }
    }
    for (size_t v = 0; v < kVectors; ++v) {
      simd::Store(line[v].Rounded(), sums + j + v * kLanes);
    }
  }
  simd::ForEachVector(columns - j, [&](size_t offset, size_t count) {
    simd::LaneSums rest;
    for (size_t i = 0; i < rows; ++i) {
      rest.Add(simd::LoadSome(x + i * columns + j + offset, count));
    }
    simd::StoreSome(rest.Rounded(), sums + j + offset, count);
  });
}

double SumChannel(const ChannelView& view, const float* x, float centre) {
  simd::LaneSums sums;
  double rest = 0.0;
  const Vec centres = simd::Splat(centre);
  // Lanes beyond a row's end would hold the centre.
  const size_t vectors = view.pixels / kLanes;
  for (size_t n = 0; n < view.batch; ++n, x += view.stride) {
    AddTerms(
        vectors,
        [=](size_t i) { return hn::Sub(simd::Load(x + i * kLanes), centres); },
        sums);
    for (size_t i = vectors * kLanes; i < view.pixels; ++i)
      rest += x[i] - centre;
  }
  return sums.Total() + rest;
}

double SumProducts(const ChannelView& view, const float* a, float centre_a,
                   const float* b, float centre_b) {
  simd::LaneSums sums;
  double rest = 0.0;
  const Vec centres_a = simd::Splat(centre_a);
  const Vec centres_b = simd::Splat(centre_b);
  const size_t vectors = view.pixels / kLanes;
  for (size_t n = 0; n < view.batch; ++n) {
    AddTerms(
        vectors,
        [=](size_t i) {
          return hn::Mul(hn::Sub(simd::Load(a + i * kLanes), centres_a),
                         hn::Sub(simd::Load(b + i * kLanes), centres_b));
        },
        sums);
    for (size_t i = vectors * kLanes; i < view.pixels; ++i) {
      rest += (a[i] - centre_a) * (b[i] - centre_b);
    }
    a += view.stride;
    b += view.stride;
  }
  return sums.Total() + rest;
}

Moments ChannelMoments(const ChannelView& view, const float* x) {
  const double count = static_cast<double>(view.batch * view.pixels);
  assert(count > 0);
  // Of what is left beside one of them, so that large numbers lose nothing.
  const double exact = x[0] + SumChannel(view, x, x[0]) / count;
  const float mean = static_cast<float>(exact);
  const double rest = exact - mean;
  const double square = SumProducts(view, x, mean, x, mean) / count;
  return {mean, static_cast<float>(rest),
          static_cast<float>(std::max(square - rest * rest, 0.0))};
}

void SumChannels(ThreadPool& pool, const float* x, size_t batch,
                 size_t channels, size_t pixels, float* sums) {
  const ChannelView view = {batch, channels * pixels, pixels};
  ParallelRows(pool, channels, batch * pixels, [=](size_t first, size_t own) {
    for (size_t c = first; c < first + own; ++c) {
      sums[c] = static_cast<float>(SumChannel(view, x + c * pixels));
    }
  });
}

bool AllFinite(const float* x, size_t size) {
  // 0 times a number is 0; times NaN or infinity, NaN.
  const Vec zero = simd::Splat(0.0f);
  Vec sum = zero;
  simd::ForEachVector(size, [&](size_t i, size_t count) {
    sum = hn::Add(sum, hn::Mul(simd::LoadSome(x + i, count), zero));
  });
  return hn::AllTrue(simd::Floats(), hn::Eq(sum, zero));
}

size_t ArgMax(const float* x, size_t size) {
  assert(size >= 1);
  size_t best = 0;
  for (size_t i = 1; i < size && x[best] == x[best]; ++i) {
    if (x[i] > x[best] || x[i] != x[i]) best = i;
  }
  return best;
}

}  // namespace lamella
