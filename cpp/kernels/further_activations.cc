#include "kernels/further_activations.h"

#include "kernels/math-inl.h"
#include "kernels/parallel-inl.h"
#include "kernels/rectifier-inl.h"

namespace lamella {
namespace {

using simd::Splat;
using simd::Vec;
namespace hn = simd::hn;

Vec Zero() { return hn::Zero(simd::Floats()); }

// y[i] = function(x[i]).
template <typename Function>
void Map(ThreadPool& pool, const float* x, float* y, size_t size,
         const Function& function) {
  ParallelVectors(pool, size, [=](size_t i, size_t count) {
    simd::StoreSome(function(simd::LoadSome(x + i, count)), y + i, count);
  });
}

// result[i] = gradient[i] * slope(from[i]).
template <typename Function>
void MapGradient(ThreadPool& pool, const float* from, const float* gradient,
                 float* result, size_t size, const Function& slope) {
  ParallelVectors(pool, size, [=](size_t i, size_t count) {
    const Vec product = hn::Mul(simd::LoadSome(gradient + i, count),
                                slope(simd::LoadSome(from + i, count)));
    simd::StoreSome(product, result + i, count);
  });
}

// e^x - 1 for x <= 0 within 4 units in the last place, also near 0, where e^x
// has few digits that 1 leaves.
HWY_NOINLINE Vec ExpMinus1(Vec x) { return hn::Expm1(simd::Floats(), x); }

// log(1 + e^-|x|), in (0, log 2]; what a NaN becomes is unspecified.
HWY_NOINLINE Vec LogOnePlusExp(Vec x) {
  return hn::Log1p(simd::Floats(), simd::Exp(hn::Neg(hn::Abs(x))));
}

// tanh(log v) is (v^2 - 1) / (v^2 + 1). Of v = 1 + e^x both are divided by e^2x
// where x > 0, which leaves sums of positive terms of u = e^-|x|: they neither
// cancel nor overflow.
struct MishParts {
  explicit MishParts(Vec x) : u(simd::Exp(hn::Neg(hn::Abs(x)))) {
    const Vec one = Splat(1.0f), two = Splat(2.0f), square = hn::Mul(u, u);
    const auto positive = hn::Gt(x, Zero());
    const Vec twice = hn::Add(u, u);
    numerator = hn::Add(twice, hn::IfThenElse(positive, one, square));
    denominator = hn::Add(
        numerator, hn::IfThenElse(positive, hn::Add(square, square), two));
    power = hn::IfThenElse(positive, square, u);
  }

  Vec u;  // e^-|x|
  Vec numerator, denominator;
  Vec power;  // u^2 where x > 0, else u
};

HWY_NOINLINE Vec Mish(Vec x) {
  const MishParts parts(x);
  return hn::Mul(x, hn::Div(parts.numerator, parts.denominator));
}

// With t that tanh and d its denominator, the derivative is t + x (1 - t^2)
// sigmoid(x), of which the last two factors are 4 u^2 (1 + u) / d^2 where x >
// 0, else 4 u (1 + u) / d^2.
HWY_NOINLINE Vec MishSlope(Vec x) {
  const MishParts parts(x);
  const Vec inverse = hn::Div(Splat(1.0f), parts.denominator);
  const Vec bend =
      hn::Mul(hn::Mul(Splat(4.0f), parts.power), hn::Add(Splat(1.0f), parts.u));
  return hn::Mul(inverse,
                 hn::Add(parts.numerator, hn::Mul(hn::Mul(x, bend), inverse)));
}

}  // namespace

void EluForward(ThreadPool& pool, const float* x, const EluShape& shape,
                float* y, size_t size) {
  const Vec above = Splat(shape.scale),
            below = Splat(shape.scale * shape.alpha);
  Map(pool, x, y, size, [=](Vec v) {
    return hn::IfThenElse(hn::Gt(v, Zero()), hn::Mul(above, v),
                          hn::Mul(below, ExpMinus1(v)));
  });
}

void EluGradient(ThreadPool& pool, const float* y, const EluShape& shape,
                 const float* output_gradient, float* input_gradient,
                 size_t size) {
  const Vec above = Splat(shape.scale),
            below = Splat(shape.scale * shape.alpha);
  MapGradient(pool, y, output_gradient, input_gradient, size, [=](Vec v) {
    return hn::IfThenElse(hn::Gt(v, Zero()), above, hn::Add(v, below));
  });
}

void SoftplusForward(ThreadPool& pool, const float* x, float* y, size_t size) {
  Map(pool, x, y, size,
      [](Vec v) { return hn::Add(simd::Rectify(v), LogOnePlusExp(v)); });
}

void SoftplusGradient(ThreadPool& pool, const float* x,
                      const float* output_gradient, float* input_gradient,
                      size_t size) {
  MapGradient(pool, x, output_gradient, input_gradient, size,
              [](Vec v) { return simd::Sigmoid(v); });
}

void MishForward(ThreadPool& pool, const float* x, float* y, size_t size) {
  Map(pool, x, y, size, [](Vec v) { return Mish(v); });
}

void MishGradient(ThreadPool& pool, const float* x,
                  const float* output_gradient, float* input_gradient,
                  size_t size) {
  MapGradient(pool, x, output_gradient, input_gradient, size,
              [](Vec v) { return MishSlope(v); });
}

void HardSigmoidForward(ThreadPool& pool, const float* x, float* y,
                        size_t size) {
  Map(pool, x, y, size, [](Vec v) {
    const Vec six = Splat(6.0f);
    const Vec above = simd::Rectify(hn::Add(v, Splat(3.0f)));
    // 6 times the rounded 1 / 6 is rounded to 1.
    return hn::Mul(hn::IfThenElse(hn::Gt(above, six), six, above),
                   Splat(1.0f / 6));
  });
}

void HardSigmoidGradient(ThreadPool& pool, const float* y,
                         const float* output_gradient, float* input_gradient,
                         size_t size) {
  MapGradient(pool, y, output_gradient, input_gradient, size, [](Vec v) {
    const auto inside = hn::And(hn::Gt(v, Zero()), hn::Lt(v, Splat(1.0f)));
    return hn::IfThenElseZero(inside, Splat(1.0f / 6));
  });
}

}  // namespace lamella
