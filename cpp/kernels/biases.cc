#include "kernels/biases.h"

#include "kernels/parallel-inl.h"
#include "kernels/rectifier-inl.h"

namespace lamella {

void AddBiases(ThreadPool& pool, size_t batch, size_t channels, size_t pixels,
               const float* biases, bool rectify, float* values) {
  ParallelRows(pool, batch * channels, pixels, [=](size_t first, size_t count) {
    for (size_t row = first; row < first + count; ++row) {
      const simd::Vec bias = simd::Splat(biases[row % channels]);
      float* to = values + row * pixels;
      simd::ForEachVector(pixels, [=](size_t i, size_t n) {
        const simd::Vec sum = simd::hn::Add(simd::LoadSome(to + i, n), bias);
        simd::StoreSome(rectify ? simd::Rectify(sum) : sum, to + i, n);
      });
    }
  });
}

}  // namespace lamella
