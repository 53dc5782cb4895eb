#include "kernels/affine.h"

#include "kernels/parallel-inl.h"

namespace lamella {

using simd::Splat;
using simd::Vec;
namespace hn = simd::hn;

void Affine(ThreadPool& pool, const float* x, float scale, float offset,
            float* y, size_t size) {
  const Vec factor = Splat(scale), term = Splat(offset);
  ParallelVectors(pool, size, [=](size_t i, size_t count) {
    const Vec product = hn::Mul(simd::LoadSome(x + i, count), factor);
    simd::StoreSome(hn::Add(product, term), y + i, count);
  });
}

}  // namespace lamella
