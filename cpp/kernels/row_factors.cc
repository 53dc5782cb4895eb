#include "kernels/row_factors.h"

#include "kernels/parallel-inl.h"
#include "kernels/reductions.h"
#include "kernels/simd.h"

namespace lamella {

namespace hn = simd::hn;

void MultiplyRows(ThreadPool& pool, size_t rows, size_t size, const float* x,
                  const float* factors, float* y) {
  ParallelRows(pool, rows, size, [=](size_t first, size_t count) {
    for (size_t row = first; row < first + count; ++row) {
      const float* from = x + row * size;
      float* to = y + row * size;
      const simd::Vec factor = simd::Splat(factors[row]);
      simd::ForEachVector(size, [=](size_t i, size_t n) {
        simd::StoreSome(hn::Mul(simd::LoadSome(from + i, n), factor), to + i,
                        n);
      });
    }
  });
}

void SumRowProducts(ThreadPool& pool, size_t rows, size_t size, const float* a,
                    const float* b, float* sums) {
  ParallelRows(pool, rows, size, [=](size_t first, size_t count) {
    const ChannelView row = {.batch = 1, .stride = size, .pixels = size};
    for (size_t i = first; i < first + count; ++i) {
      sums[i] = static_cast<float>(
          SumProducts(row, a + i * size, 0, b + i * size, 0));
    }
  });
}

}  // namespace lamella
