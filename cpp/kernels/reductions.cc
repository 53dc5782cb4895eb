#include "kernels/reductions.h"

#include <algorithm>
#include <cassert>

#include "kernels/math-inl.h"
#include "kernels/parallel-inl.h"

namespace lamella {

void SumRows(const float* x, size_t rows, size_t columns, float* sums) {
  std::fill_n(sums, columns, 0.0f);
  for (size_t i = 0; i < rows; ++i) {
    const float* row = x + i * columns;
    simd::ForEachVector(columns, [&](size_t j, size_t count) {
      simd::StoreSome(simd::hn::Add(simd::LoadSome(sums + j, count),
                                    simd::LoadSome(row + j, count)),
                      sums + j, count);
    });
  }
}

void SumChannels(const float* x, size_t batch, size_t channels, size_t pixels,
                 float* sums) {
  ParallelRows(channels, batch * pixels, [=](size_t first, size_t own) {
    for (size_t c = first; c < first + own; ++c) {
      double sum = 0.0;
      for (size_t n = 0; n < batch; ++n) {
        const float* image = x + (n * channels + c) * pixels;
        simd::Vec partial = simd::Splat(0.0f);
        simd::ForEachVector(pixels, [&](size_t i, size_t count) {
          partial = simd::hn::Add(partial, simd::LoadSome(image + i, count));
        });
        sum += simd::SumLanes(partial);
      }
      sums[c] = static_cast<float>(sum);
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
