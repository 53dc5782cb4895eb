#include "kernels/elementwise.h"

#include <algorithm>

#include "kernels/math-inl.h"
#include "kernels/parallel-inl.h"
#include "kernels/rectifier-inl.h"

namespace lamella {
namespace {

using simd::kLanes;
using simd::Splat;
using simd::Vec;
namespace hn = simd::hn;

// result[i] = function(a[i], b[i], parameter) over whole vectors.
using Loop = void (*)(const float* a, const float* b, float* result,
                      size_t size, float parameter);

// Runs a loop over ranges that the threads share, and over the rest, which
// fills no vector, in a padded copy. Not inlined: one copy serves all
// functions.
HWY_NOINLINE void Run(ThreadPool& pool, Loop loop, const float* a,
                      const float* b, float* result, size_t size,
                      float parameter) {
  pool.ParallelRanges(size, kParallelFloats, [=](size_t first, size_t count) {
    const size_t rest = count % kLanes;
    const size_t whole = count - rest;
    loop(a + first, b + first, result + first, whole, parameter);
    if (rest == 0) return;
    const size_t at = first + whole;
    float padded[3][kLanes] = {};
    std::copy_n(a + at, rest, padded[0]);
    std::copy_n(b + at, rest, padded[1]);
    loop(padded[0], padded[1], padded[2], kLanes, parameter);
    std::copy_n(padded[2], rest, result + at);
  });
}

// result[i] = kFunction(a[i], b[i], parameter).
template <auto kFunction>
void Map(ThreadPool& pool, const float* a, const float* b, float* result,
         size_t size, float parameter = 0) {
  constexpr Loop kLoop = [](const float* a, const float* b, float* result,
                            size_t size, float parameter) {
    const Vec p = Splat(parameter);
    for (size_t i = 0; i < size; i += kLanes) {
      simd::Store(kFunction(simd::Load(a + i), simd::Load(b + i), p),
                  result + i);
    }
  };
  Run(pool, kLoop, a, b, result, size, parameter);
}

// y[i] = kFunction(x[i], parameter).
template <auto kFunction>
void Map(ThreadPool& pool, const float* x, float* y, size_t size,
         float parameter = 0) {
  Map<[](Vec v, Vec, Vec p) { return kFunction(v, p); }>(pool, x, x, y, size,
                                                         parameter);
}

Vec Zero() { return hn::Zero(simd::Floats()); }

// min(max(x, 0), 6); NaN stays NaN.
Vec Rectify6(Vec x) {
  const Vec six = Splat(6.0f), y = simd::Rectify(x);
  return hn::IfThenElse(hn::Gt(y, six), six, y);
}

constexpr float kGeluScale = 0.7978845608f;  // sqrt(2 / pi)
constexpr float kGeluCubic = 0.044715f;

// x from -12 to 12: beyond, GELU's sigmoid is 0 or 1 in float32 and x^3 might
// overflow.
// NaN stays NaN.
Vec Clamped(Vec x) {
  const Vec bound = Splat(12.0f);
  return hn::IfThenElse(hn::Gt(hn::Abs(x), bound), hn::CopySign(bound, x), x);
}

// The sigmoid whose product with x is GELU: (1 + tanh u) / 2 is that of 2 u.
HWY_NOINLINE Vec GeluSigmoid(Vec x) {
  const Vec cubic = hn::Mul(Splat(kGeluCubic), hn::Mul(x, hn::Mul(x, x)));
  return simd::Sigmoid(hn::Mul(Splat(2 * kGeluScale), hn::Add(x, cubic)));
}

}  // namespace

void ReluForward(ThreadPool& pool, const float* x, float* y, size_t size) {
  Map<[](Vec v, Vec) { return simd::Rectify(v); }>(pool, x, y, size);
}

void RectifyInPlace(float* values, size_t size) {
  simd::ForEachVector(size, [=](size_t i, size_t count) {
    simd::StoreSome(simd::Rectify(simd::LoadSome(values + i, count)),
                    values + i, count);
  });
}

void ReluGradient(ThreadPool& pool, const float* y,
                  const float* output_gradient, float* input_gradient,
                  size_t size) {
  Map<[](Vec v, Vec gradient, Vec) {
    return simd::RectifyGradient(v, gradient);
  }>(pool, y, output_gradient, input_gradient, size);
}

void Relu6Forward(ThreadPool& pool, const float* x, float* y, size_t size) {
  Map<[](Vec v, Vec) { return Rectify6(v); }>(pool, x, y, size);
}

void Relu6Gradient(ThreadPool& pool, const float* y,
                   const float* output_gradient, float* input_gradient,
                   size_t size) {
  Map<[](Vec v, Vec gradient, Vec) {
    return hn::IfThenElseZero(hn::Lt(v, Splat(6.0f)),
                              simd::RectifyGradient(v, gradient));
  }>(pool, y, output_gradient, input_gradient, size);
}

void PreluForward(ThreadPool& pool, const float* x, float alpha, float* y,
                  size_t size) {
  Map<[](Vec v, Vec slope) {
    return hn::IfThenElse(hn::Gt(v, Zero()), v, hn::Mul(slope, v));
  }>(pool, x, y, size, alpha);
}

void PreluGradient(ThreadPool& pool, const float* x, float alpha,
                   const float* output_gradient, float* input_gradient,
                   size_t size) {
  Map<[](Vec v, Vec gradient, Vec slope) {
    return hn::IfThenElse(hn::Gt(v, Zero()), gradient,
                          hn::Mul(slope, gradient));
  }>(pool, x, output_gradient, input_gradient, size, alpha);
}

void SigmoidForward(ThreadPool& pool, const float* x, float* y, size_t size) {
  Map<[](Vec v, Vec) { return simd::Sigmoid(v); }>(pool, x, y, size);
}

void SigmoidGradient(ThreadPool& pool, const float* y,
                     const float* output_gradient, float* input_gradient,
                     size_t size) {
  Map<[](Vec s, Vec gradient, Vec) {
    return hn::Mul(gradient, hn::Mul(s, hn::Sub(Splat(1.0f), s)));
  }>(pool, y, output_gradient, input_gradient, size);
}

void TanhForward(ThreadPool& pool, const float* x, float* y, size_t size) {
  Map<[](Vec v, Vec) { return simd::Tanh(v); }>(pool, x, y, size);
}

void TanhGradient(ThreadPool& pool, const float* y,
                  const float* output_gradient, float* input_gradient,
                  size_t size) {
  Map<[](Vec t, Vec gradient, Vec) {
    return hn::Mul(gradient, hn::Sub(Splat(1.0f), hn::Mul(t, t)));
  }>(pool, y, output_gradient, input_gradient, size);
}

void SwishForward(ThreadPool& pool, const float* x, float* y, size_t size) {
  Map<[](Vec v, Vec) { return hn::Mul(v, simd::Sigmoid(v)); }>(pool, x, y,
                                                               size);
}

void SwishGradient(ThreadPool& pool, const float* x,
                   const float* output_gradient, float* input_gradient,
                   size_t size) {
  // s + x s (1 - s): stable for every x, unlike forms with e^-x.
  Map<[](Vec v, Vec gradient, Vec) {
    const Vec s = simd::Sigmoid(v);
    const Vec slope =
        hn::Add(s, hn::Mul(hn::Mul(v, s), hn::Sub(Splat(1.0f), s)));
    return hn::Mul(gradient, slope);
  }>(pool, x, output_gradient, input_gradient, size);
}

void HardSwishForward(ThreadPool& pool, const float* x, float* y, size_t size) {
  Map<[](Vec v, Vec) {
    // 6 times the rounded 1 / 6 is rounded to 1: x from 3 on stays x.
    const Vec share =
        hn::Mul(Rectify6(hn::Add(v, Splat(3.0f))), Splat(1.0f / 6));
    return hn::Mul(v, share);
  }>(pool, x, y, size);
}

void HardSwishGradient(ThreadPool& pool, const float* x,
                       const float* output_gradient, float* input_gradient,
                       size_t size) {
  Map<[](Vec v, Vec gradient, Vec) {
    const Vec three = Splat(3.0f);
    const Vec slope = hn::Mul(Splat(1.0f / 6), hn::Add(hn::Add(v, v), three));
    const Vec outside = hn::IfThenElseZero(hn::Gt(v, three), Splat(1.0f));
    return hn::Mul(gradient,
                   hn::IfThenElse(hn::Gt(hn::Abs(v), three), outside, slope));
  }>(pool, x, output_gradient, input_gradient, size);
}

void GeluForward(ThreadPool& pool, const float* x, float* y, size_t size) {
  Map<[](Vec v, Vec) { return hn::Mul(v, GeluSigmoid(Clamped(v))); }>(pool, x,
                                                                      y, size);
}

void GeluGradient(ThreadPool& pool, const float* x,
                  const float* output_gradient, float* input_gradient,
                  size_t size) {
  Map<[](Vec v, Vec gradient, Vec) {
    const Vec one = Splat(1.0f);
    const Vec u = Clamped(v);
    const Vec s = GeluSigmoid(u);
    const Vec inner =
        hn::Mul(Splat(2 * kGeluScale),
                hn::Add(one, hn::Mul(Splat(3 * kGeluCubic), hn::Mul(u, u))));
    const Vec slope =
        hn::Add(s, hn::Mul(hn::Mul(u, inner), hn::Mul(s, hn::Sub(one, s))));
    return hn::Mul(gradient, slope);
  }>(pool, x, output_gradient, input_gradient, size);
}

void Add(ThreadPool& pool, const float* a, const float* b, float* sum,
         size_t size) {
  Map<[](Vec u, Vec v, Vec) { return hn::Add(u, v); }>(pool, a, b, sum, size);
}

void AddCompensated(const float* x, float* sum, float* lost, size_t size) {
  simd::ForEachVector(size, [=](size_t i, size_t count) {
    const Vec before = simd::LoadSome(sum + i, count);
    const Vec term =
        hn::Sub(simd::LoadSome(x + i, count), simd::LoadSome(lost + i, count));
    const Vec after = hn::Add(before, term);
    simd::StoreSome(hn::Sub(hn::Sub(after, before), term), lost + i, count);
    simd::StoreSome(after, sum + i, count);
  });
}

void Multiply(ThreadPool& pool, const float* a, const float* b, float* product,
              size_t size) {
  Map<[](Vec u, Vec v, Vec) { return hn::Mul(u, v); }>(pool, a, b, product,
                                                       size);
}

}  // namespace lamella
