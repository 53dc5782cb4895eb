#include "kernels/channelwise.h"

#include "kernels/channels-inl.h"

namespace lamella {
namespace {

using simd::LoadSome;
using simd::StoreSome;
using simd::Vec;
namespace hn = simd::hn;

auto IsPositive(Vec x) { return hn::Gt(x, hn::Zero(simd::Floats())); }

}  // namespace

void Standardize(ThreadPool& pool, const AxisView& view, const float* x,
                 const float* mean, const float* scale, float* y) {
  ParallelMapChannels<2>(
      pool, view, {mean, scale}, [=](size_t at, size_t count, const auto& own) {
        StoreSome(hn::Mul(hn::Sub(LoadSome(x + at, count), own[0]), own[1]),
                  y + at, count);
      });
}

void ScaleChannels(ThreadPool& pool, const AxisView& view, const float* x,
                   const float* scale, float* y) {
  ParallelMapChannels<1>(
      pool, view, {scale}, [=](size_t at, size_t count, const auto& own) {
        StoreSome(hn::Mul(LoadSome(x + at, count), own[0]), y + at, count);
      });
}

void ParametricRelu(ThreadPool& pool, const AxisView& view, const float* x,
                    const float* alpha, float* y) {
  ParametricReluInputGradient(pool, view, x, alpha, x, y);
}

void ParametricReluInputGradient(ThreadPool& pool, const AxisView& view,
                                 const float* x, const float* alpha,
                                 const float* output_gradient,
                                 float* input_gradient) {
  ParallelMapChannels<1>(
      pool, view, {alpha}, [=](size_t at, size_t count, const auto& own) {
        const Vec g = LoadSome(output_gradient + at, count);
        StoreSome(hn::IfThenElse(IsPositive(LoadSome(x + at, count)), g,
                                 hn::Mul(own[0], g)),
                  input_gradient + at, count);
      });
}

void ParametricReluAlphaGradient(ThreadPool& pool, const AxisView& view,
                                 const float* x, const float* output_gradient,
                                 float* alpha_gradient) {
  ParallelSumChannels<1, 0>(
      pool, view, {},
      [=](size_t, size_t at, size_t count, const auto&) {
        const Vec v = LoadSome(x + at, count);
        const Vec product = hn::Mul(v, LoadSome(output_gradient + at, count));
        return std::array{hn::IfThenZeroElse(IsPositive(v), product)};
      },
      {alpha_gradient});
}

}  // namespace lamella
