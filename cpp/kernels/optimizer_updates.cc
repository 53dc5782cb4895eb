#include "kernels/optimizer_updates.h"

#include "kernels/simd.h"

namespace lamella {
namespace {

using simd::Splat;
using simd::Vec;
namespace hn = simd::hn;

Vec SplatRounded(double value) { return Splat(static_cast<float>(value)); }

// The gradient with its penalty; sign(0) is 0.
struct Penalized {
  explicit Penalized(GradientPenalty penalty)
      : l1(Splat(penalty.l1)), l2(Splat(penalty.l2)) {}

  HWY_INLINE Vec operator()(Vec gradient, Vec value) const {
    const Vec zero = hn::Zero(simd::Floats());
    const Vec sign_term =
        hn::IfThenZeroElse(hn::Eq(value, zero), hn::CopySign(l1, value));
    return hn::Add(gradient, hn::Add(hn::Mul(l2, value), sign_term));
  }

  Vec l1;
  Vec l2;
};

}  // namespace

void SgdUpdate(size_t size, float learning_rate, float momentum,
               GradientPenalty penalty, const float* gradient, float* velocity,
               float* value) {
  const Penalized penalized(penalty);
  const Vec rate = Splat(learning_rate), inertia = Splat(momentum);
  simd::ForEachVector(size, [&](size_t i, size_t count) {
    const Vec w = simd::LoadSome(value + i, count);
    const Vec g = penalized(simd::LoadSome(gradient + i, count), w);
    const Vec v = hn::Sub(hn::Mul(inertia, simd::LoadSome(velocity + i, count)),
                          hn::Mul(rate, g));
    simd::StoreSome(v, velocity + i, count);
    simd::StoreSome(hn::Add(w, v), value + i, count);
  });
}

void RmspropUpdate(size_t size, float learning_rate, double decay,
                   float epsilon, GradientPenalty penalty,
                   const float* gradient, float* cache, float* value) {
  const Penalized penalized(penalty);
  const Vec rate = Splat(learning_rate), keep = SplatRounded(decay);
  const Vec take = SplatRounded(1.0 - decay), floor = Splat(epsilon);
  simd::ForEachVector(size, [&](size_t i, size_t count) {
    const Vec w = simd::LoadSome(value + i, count);
    const Vec g = penalized(simd::LoadSome(gradient + i, count), w);
    const Vec c = hn::Add(hn::Mul(keep, simd::LoadSome(cache + i, count)),
                          hn::Mul(take, hn::Mul(g, g)));
    simd::StoreSome(c, cache + i, count);
    const Vec step = hn::Div(hn::Mul(rate, g), hn::Add(hn::Sqrt(c), floor));
    simd::StoreSome(hn::Sub(w, step), value + i, count);
  });
}

void AdamUpdate(size_t size, const AdamStep& step, GradientPenalty penalty,
                const float* gradient, float* first_moment,
                float* second_moment, float* value) {
  const Penalized penalized(penalty);
  const Vec keep1 = SplatRounded(step.beta1);
  const Vec take1 = SplatRounded(1.0 - step.beta1);
  const Vec keep2 = SplatRounded(step.beta2);
  const Vec take2 = SplatRounded(1.0 - step.beta2);
  const Vec rate = SplatRounded(step.learning_rate * step.first_correction);
  const Vec correction = SplatRounded(step.second_correction);
  const Vec floor = SplatRounded(step.epsilon);
  const Vec shrink = SplatRounded(1.0 - step.learning_rate * step.decay);
  simd::ForEachVector(size, [&](size_t i, size_t count) {
    const Vec w = simd::LoadSome(value + i, count);
    const Vec g = penalized(simd::LoadSome(gradient + i, count), w);
    const Vec m =
        hn::Add(hn::Mul(keep1, simd::LoadSome(first_moment + i, count)),
                hn::Mul(take1, g));
    const Vec v =
        hn::Add(hn::Mul(keep2, simd::LoadSome(second_moment + i, count)),
                hn::Mul(take2, hn::Mul(g, g)));
    simd::StoreSome(m, first_moment + i, count);
    simd::StoreSome(v, second_moment + i, count);
    const Vec root = hn::Sqrt(hn::Mul(v, correction));
    const Vec change = hn::Div(hn::Mul(rate, m), hn::Add(root, floor));
    simd::StoreSome(hn::Mul(hn::Sub(w, change), shrink), value + i, count);
  });
}

}  // namespace lamella
