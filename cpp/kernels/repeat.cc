#include "kernels/repeat.h"

#include "kernels/parallel-inl.h"
#include "kernels/reductions.h"

namespace lamella {

void RepeatRows(ThreadPool& pool, const float* x, size_t rows, size_t row_size,
                size_t times, float* y) {
  ParallelRows(pool, rows * times, row_size, [=](size_t first, size_t count) {
    for (size_t row = first; row < first + count; ++row) {
      const float* from = x + row / times * row_size;
      float* to = y + row * row_size;
      simd::ForEachVector(row_size, [=](size_t i, size_t count) {
        simd::StoreSome(simd::LoadSome(from + i, count), to + i, count);
      });
    }
  });
}

void RepeatRowsGradient(ThreadPool& pool, const float* output_gradient,
                        size_t rows, size_t row_size, size_t times,
                        float* input_gradient) {
  ParallelRows(pool, rows, times * row_size, [=](size_t first, size_t count) {
    for (size_t row = first; row < first + count; ++row) {
      SumRows(output_gradient + row * times * row_size, times, row_size,
              input_gradient + row * row_size);
    }
  });
}

}  // namespace lamella
