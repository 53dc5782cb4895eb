#include "kernels/merge.h"

#include <algorithm>
#include <cassert>

#include "kernels/parallel-inl.h"

namespace lamella {
namespace {

using simd::LoadSome;
using simd::Splat;
using simd::StoreSome;
using simd::Vec;
namespace hn = simd::hn;

// One block. A call that copies memory is not worth it for short ones.
void CopyBlock(const float* from, size_t size, float* to) {
  constexpr size_t kShort = 64;
  if (size >= kShort) {
    std::copy_n(from, size, to);
    return;
  }
  size_t i = 0;
  for (; i + simd::kLanes <= size; i += simd::kLanes) {
    simd::Store(simd::Load(from + i), to + i);
  }
  for (; i < size; ++i) to[i] = from[i];
}

}  // namespace

void MaximumOf(ThreadPool& pool, const float* a, const float* b, float* y,
               size_t size) {
  ParallelVectors(pool, size, [=](size_t i, size_t count) {
    const Vec u = LoadSome(a + i, count), v = LoadSome(b + i, count);
    // Not Max: Highway leaves open which operand a NaN loses to.
    const auto second = hn::Or(hn::Lt(u, v), hn::IsNaN(v));
    StoreSome(hn::IfThenElse(second, v, u), y + i, count);
  });
}

void MaximumGradients(ThreadPool& pool, const float* const* inputs,
                      size_t count, const float* y,
                      const float* output_gradient, float* const* gradients,
                      size_t size) {
  assert(count > 0);
  ParallelVectors(pool, size, [=](size_t i, size_t lanes) {
    const Vec one = Splat(1.0f), half = Splat(0.5f);
    const Vec greatest = LoadSome(y + i, lanes);
    const auto is_greatest = [&](size_t input) {
      return hn::Eq(LoadSome(inputs[input] + i, lanes), greatest);
    };
    // Inputs that equal the maximum, without those that had their share.
    Vec equals = hn::Zero(simd::Floats());
    for (size_t input = 0; input < count; ++input) {
      equals = hn::Add(equals, hn::IfThenElseZero(is_greatest(input), one));
    }
    Vec left = LoadSome(output_gradient + i, lanes);
    for (size_t input = count; input-- > 0;) {
      const auto takes = is_greatest(input);
      const auto shares = hn::And(takes, hn::Gt(equals, one));
      left = hn::IfThenElse(shares, hn::Mul(half, left), left);
      equals = hn::Sub(equals, hn::IfThenElseZero(takes, one));
      StoreSome(hn::IfThenElseZero(takes, left), gradients[input] + i, lanes);
    }
  });
}

void ScaleInPlace(ThreadPool& pool, float* values, float factor, size_t size) {
  ParallelVectors(pool, size, [=](size_t i, size_t count) {
    StoreSome(hn::Mul(LoadSome(values + i, count), Splat(factor)), values + i,
              count);
  });
}

void CopyBlocks(ThreadPool& pool, size_t outer, size_t block, const float* from,
                size_t from_stride, float* to, size_t to_stride) {
  assert(from_stride >= block && to_stride >= block);
  pool.ParallelRanges(outer * block, kParallelFloats,
                      [=](size_t first, size_t count) {
                        size_t row = first / block, offset = first % block;
                        while (count > 0) {
                          const size_t size = std::min(count, block - offset);
                          CopyBlock(from + row * from_stride + offset, size,
                                    to + row * to_stride + offset);
                          count -= size;
                          offset = 0;
                          ++row;
                        }
                      });
}

}  // namespace lamella
