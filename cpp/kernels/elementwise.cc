#include "kernels/elementwise.h"

#include "kernels/math-inl.h"
#include "kernels/parallel-inl.h"
#include "kernels/rectifier-inl.h"

namespace lamella {
namespace {

using simd::Splat;
using simd::Vec;
namespace hn = simd::hn;

// y[i] = function(x[i]).
template <typename Function>
void Map(const float* x, float* y, size_t size, Function&& function) {
  ParallelVectors(size, [=](size_t i, size_t count) {
    simd::StoreSome(function(simd::LoadSome(x + i, count)), y + i, count);
  });
}

// result[i] = function(a[i], b[i]).
template <typename Function>
void Map(const float* a, const float* b, float* result, size_t size,
         Function&& function) {
  ParallelVectors(size, [=](size_t i, size_t count) {
    simd::StoreSome(
        function(simd::LoadSome(a + i, count), simd::LoadSome(b + i, count)),
        result + i, count);
  });
}

Vec Zero() { return hn::Zero(simd::Floats()); }

constexpr float kGeluScale = 0.7978845608f;  // sqrt(2 / pi)
constexpr float kGeluCubic = 0.044715f;

// x from -10 to 10: beyond, GELU's tanh is 1 in float32 and x^3 might overflow.
// NaN stays NaN.
Vec Clamped(Vec x) {
  const Vec bound = Splat(10.0f);
  return hn::IfThenElse(hn::Gt(hn::Abs(x), bound), hn::CopySign(bound, x), x);
}

HWY_NOINLINE Vec GeluTanh(Vec x) {
  const Vec cubic = hn::Mul(Splat(kGeluCubic), hn::Mul(x, hn::Mul(x, x)));
  return simd::Tanh(hn::Mul(Splat(kGeluScale), hn::Add(x, cubic)));
}

}  // namespace

void ReluForward(const float* x, float* y, size_t size) {
  Map(x, y, size, [](Vec v) { return simd::Rectify(v); });
}

void ReluGradient(const float* y, const float* output_gradient,
                  float* input_gradient, size_t size) {
  Map(y, output_gradient, input_gradient, size,
      [](Vec v, Vec gradient) { return simd::RectifyGradient(v, gradient); });
}

void PreluForward(const float* x, float alpha, float* y, size_t size) {
  const Vec slope = Splat(alpha);
  Map(x, y, size, [slope](Vec v) {
    return hn::IfThenElse(hn::Gt(v, Zero()), v, hn::Mul(slope, v));
  });
}

void PreluGradient(const float* x, float alpha, const float* output_gradient,
                   float* input_gradient, size_t size) {
  const Vec slope = Splat(alpha);
  Map(x, output_gradient, input_gradient, size, [slope](Vec v, Vec gradient) {
    return hn::IfThenElse(hn::Gt(v, Zero()), gradient,
                          hn::Mul(slope, gradient));
  });
}

void SigmoidForward(const float* x, float* y, size_t size) {
  Map(x, y, size, [](Vec v) { return simd::Sigmoid(v); });
}

void SigmoidGradient(const float* y, const float* output_gradient,
                     float* input_gradient, size_t size) {
  Map(y, output_gradient, input_gradient, size, [](Vec s, Vec gradient) {
    return hn::Mul(gradient, hn::Mul(s, hn::Sub(Splat(1.0f), s)));
  });
}

void TanhForward(const float* x, float* y, size_t size) {
  Map(x, y, size, [](Vec v) { return simd::Tanh(v); });
}

void TanhGradient(const float* y, const float* output_gradient,
                  float* input_gradient, size_t size) {
  Map(y, output_gradient, input_gradient, size, [](Vec t, Vec gradient) {
    return hn::Mul(gradient, hn::Sub(Splat(1.0f), hn::Mul(t, t)));
  });
}

void SwishForward(const float* x, float* y, size_t size) {
  Map(x, y, size, [](Vec v) { return hn::Mul(v, simd::Sigmoid(v)); });
}

void SwishGradient(const float* x, const float* output_gradient,
                   float* input_gradient, size_t size) {
  // s + x s (1 - s): stable for every x, unlike forms with e^-x.
  Map(x, output_gradient, input_gradient, size, [](Vec v, Vec gradient) {
    const Vec s = simd::Sigmoid(v);
    const Vec slope =
        hn::Add(s, hn::Mul(hn::Mul(v, s), hn::Sub(Splat(1.0f), s)));
    return hn::Mul(gradient, slope);
  });
}

void GeluForward(const float* x, float* y, size_t size) {
  Map(x, y, size, [](Vec v) {
    const Vec half = hn::Mul(Splat(0.5f), v);
    return hn::Add(half, hn::Mul(half, GeluTanh(Clamped(v))));
  });
}

void GeluGradient(const float* x, const float* output_gradient,
                  float* input_gradient, size_t size) {
  Map(x, output_gradient, input_gradient, size, [](Vec v, Vec gradient) {
    const Vec one = Splat(1.0f), half = Splat(0.5f);
    const Vec u = Clamped(v);
    const Vec t = GeluTanh(u);
    const Vec inner =
        hn::Mul(Splat(kGeluScale),
                hn::Add(one, hn::Mul(Splat(3 * kGeluCubic), hn::Mul(u, u))));
    const Vec slope =
        hn::Add(hn::Add(one, t),
                hn::Mul(hn::Mul(u, inner), hn::Sub(one, hn::Mul(t, t))));
    return hn::Mul(gradient, hn::Mul(half, slope));
  });
}

void Add(const float* a, const float* b, float* sum, size_t size) {
  Map(a, b, sum, size, [](Vec u, Vec v) { return hn::Add(u, v); });
}

void Multiply(const float* a, const float* b, float* product, size_t size) {
  Map(a, b, product, size, [](Vec u, Vec v) { return hn::Mul(u, v); });
}

}  // namespace lamella
