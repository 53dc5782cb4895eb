#include "kernels/reductions.h"

#include <algorithm>
#include <cassert>

#include "kernels/math-inl.h"
#include "kernels/parallel-inl.h"

namespace lamella {

using simd::kLanes;
using simd::Vec;
namespace hn = simd::hn;

void SumRows(const float* x, size_t rows, size_t columns, float* sums) {
  std::fill_n(sums, columns, 0.0f);
  for (size_t i = 0; i < rows; ++i) {
    const float* row = x + i * columns;
    simd::ForEachVector(columns, [&](size_t j, size_t count) {
      simd::StoreSome(hn::Add(simd::LoadSome(sums + j, count),
                              simd::LoadSome(row + j, count)),
                      sums + j, count);
    });
  }
}

double SumChannel(const ChannelView& view, const float* x) {
  double sum = 0.0;
  for (size_t n = 0; n < view.batch; ++n, x += view.stride) {
    Vec partial = simd::Splat(0.0f);
    size_t i = 0;
    for (; i + kLanes <= view.pixels; i += kLanes) {
      partial = hn::Add(partial, simd::Load(x + i));
    }
    for (; i < view.pixels; ++i) sum += x[i];
    sum += simd::SumLanes(partial);
  }
  return sum;
}

double SumProducts(const ChannelView& view, const float* a, const float* b,
                   float centre) {
  const Vec centres = simd::Splat(centre);
  double sum = 0.0;
  for (size_t n = 0; n < view.batch; ++n) {
    Vec partial = simd::Splat(0.0f);
    size_t i = 0;
    for (; i + kLanes <= view.pixels; i += kLanes) {
      partial = hn::Add(partial, hn::Mul(hn::Sub(simd::Load(a + i), centres),
                                         hn::Sub(simd::Load(b + i), centres)));
    }
    for (; i < view.pixels; ++i) sum += (a[i] - centre) * (b[i] - centre);
    sum += simd::SumLanes(partial);
    a += view.stride;
    b += view.stride;
  }
  return sum;
}

void SumChannels(const float* x, size_t batch, size_t channels, size_t pixels,
                 float* sums) {
  const ChannelView view = {batch, channels * pixels, pixels};
  ParallelRows(channels, batch * pixels, [=](size_t first, size_t own) {
    for (size_t c = first; c < first + own; ++c) {
      sums[c] = static_cast<float>(SumChannel(view, x + c * pixels));
    }
  });
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
