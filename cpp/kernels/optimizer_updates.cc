#include "kernels/optimizer_updates.h"

#include "kernels/parallel-inl.h"
#include "kernels/simd.h"

namespace lamella {
namespace {

using simd::Splat;
using simd::Vec;
namespace hn = simd::hn;

Vec SplatRounded(double value) { return Splat(static_cast<float>(value)); }

// Decaying moments reach the denormal range and, by rounding, never 0; an
// operation on a denormal takes about 100 cycles. A model that had learned its
// data took 2.5 times as long a step.
//
// First moments below this become 0; above, their products with decay rates are
// normal numbers. Means of squares are at least this, which is negligible
// beside the square of an epsilon of 1e-8 and, without epsilon, keeps the
// divisor from 0.
constexpr float kSmallestMoment = 0x1p-120f;
// Squares of gradients below this, times 1 - beta2, would be smaller than that;
// beside an epsilon of 1e-8, such gradients do not change a parameter.
constexpr float kSmallestGradient = 0x1p-54f;
// The square of a gradient of 2^64 is infinite: a mean that held it would stay
// so, and the parameter where it is, without a word. Below this, the mean of
// squares and its product with Adam's correction are finite.
constexpr float kGreatestGradient = 0x1p52f;

// A gradient that moments of both kinds can hold. Of two operands Min and Max
// give the second where one is NaN, so NaN stays NaN.
Vec Bound(Vec gradient) {
  const Vec bounded = hn::Max(Splat(-kGreatestGradient),
                              hn::Min(Splat(kGreatestGradient), gradient));
  return simd::FlushBelow(Splat(kSmallestGradient), bounded);
}

// The gradient with its penalty; sign(0) is 0.
struct Penalized {
  explicit Penalized(GradientPenalty penalty)
      : l1(Splat(penalty.l1)),
        l2(Splat(penalty.l2)),
        scale(Splat(penalty.scale)) {}

  Vec operator()(Vec gradient, Vec value) const {
    const Vec zero = hn::Zero(simd::Floats());
    const Vec sign_term =
        hn::IfThenZeroElse(hn::Eq(value, zero), hn::CopySign(l1, value));
    return hn::Add(hn::Mul(scale, gradient),
                   hn::Add(hn::Mul(l2, value), sign_term));
  }

  Vec l1;
  Vec l2;
  Vec scale;
};

}  // namespace

double SumOfSquares(const float* values, size_t size) {
  double sum = 0.0;
  for (size_t i = 0; i < size; ++i) {
    sum += static_cast<double>(values[i]) * values[i];
  }
  return sum;
}

void SgdUpdate(ThreadPool& pool, size_t size, float learning_rate,
               float momentum, bool nesterov, GradientPenalty penalty,
               const float* gradient, float* velocity, float* value) {
  const Penalized penalized(penalty);
  const Vec rate = Splat(learning_rate), inertia = Splat(momentum);
  const Vec smallest = Splat(kSmallestMoment);
  ParallelVectors(pool, size, [=](size_t i, size_t count) {
    const Vec w = simd::LoadSome(value + i, count);
    const Vec g = penalized(simd::LoadSome(gradient + i, count), w);
    const Vec push = hn::Mul(rate, g);
    const Vec v = simd::FlushBelow(
        smallest,
        hn::Sub(hn::Mul(inertia, simd::LoadSome(velocity + i, count)), push));
    simd::StoreSome(v, velocity + i, count);
    const Vec change = nesterov ? hn::Sub(hn::Mul(inertia, v), push) : v;
    simd::StoreSome(hn::Add(w, change), value + i, count);
  });
}

void RmspropUpdate(ThreadPool& pool, size_t size, float learning_rate,
                   double decay, float epsilon, GradientPenalty penalty,
                   const float* gradient, float* cache, float* value) {
  const Penalized penalized(penalty);
  const Vec rate = Splat(learning_rate), keep = SplatRounded(decay);
  const Vec take = SplatRounded(1.0 - decay), floor = Splat(epsilon);
  ParallelVectors(pool, size, [=](size_t i, size_t count) {
    const Vec w = simd::LoadSome(value + i, count);
    const Vec g = Bound(penalized(simd::LoadSome(gradient + i, count), w));
    const Vec c =
        hn::Max(hn::Add(hn::Mul(keep, simd::LoadSome(cache + i, count)),
                        hn::Mul(take, hn::Mul(g, g))),
                Splat(kSmallestMoment));
    simd::StoreSome(c, cache + i, count);
    const Vec step = hn::Div(hn::Mul(rate, g), hn::Add(hn::Sqrt(c), floor));
    simd::StoreSome(hn::Sub(w, step), value + i, count);
  });
}

void AdamUpdate(ThreadPool& pool, size_t size, const AdamStep& step,
                GradientPenalty penalty, const float* gradient,
                float* first_moment, float* second_moment, float* value) {
  const Penalized penalized(penalty);
  const Vec keep1 = SplatRounded(step.beta1);
  const Vec take1 = SplatRounded(1.0 - step.beta1);
  const Vec keep2 = SplatRounded(step.beta2);
  const Vec take2 = SplatRounded(1.0 - step.beta2);
  const Vec rate = SplatRounded(step.learning_rate * step.first_correction);
  const Vec correction = SplatRounded(step.second_correction);
  const Vec floor = SplatRounded(step.epsilon);
  const Vec smallest = Splat(kSmallestMoment);
  const double shrink = 1.0 - step.learning_rate * step.decay;
  const Vec before = SplatRounded(step.decay_first ? shrink : 1.0);
  const Vec after = SplatRounded(step.decay_first ? 1.0 : shrink);
  ParallelVectors(pool, size, [=](size_t i, size_t count) {
    const Vec w = simd::LoadSome(value + i, count);
    const Vec g = Bound(penalized(simd::LoadSome(gradient + i, count), w));
    const Vec m = simd::FlushBelow(
        smallest,
        hn::Add(hn::Mul(keep1, simd::LoadSome(first_moment + i, count)),
                hn::Mul(take1, g)));
    const Vec v = hn::Max(
        hn::Add(hn::Mul(keep2, simd::LoadSome(second_moment + i, count)),
                hn::Mul(take2, hn::Mul(g, g))),
        smallest);
    simd::StoreSome(m, first_moment + i, count);
    simd::StoreSome(v, second_moment + i, count);
    const Vec root = hn::Sqrt(hn::Mul(v, correction));
    const Vec change = hn::Div(hn::Mul(rate, m), hn::Add(root, floor));
    const Vec updated = hn::Sub(hn::Mul(w, before), change);
    simd::StoreSome(hn::Mul(updated, after), value + i, count);
  });
}

}  // namespace lamella
