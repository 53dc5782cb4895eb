#include "kernels/noise.h"

#include <algorithm>

#include "kernels/math-inl.h"
#include "kernels/parallel-inl.h"
#include "kernels/philox-inl.h"

namespace lamella {
namespace {

using simd::kLanes;
using simd::Splat;
using simd::Vec;
namespace hn = simd::hn;

// A block of numbers is what some positions of the stream make, four words
// each.
constexpr size_t kPositions = kLanes, kBlock = 4 * kPositions;

// Uniform in (0, 1): 24 bits, centred in their interval, so that no logarithm
// sees a zero.
Vec UnitInterval(hn::Vec<simd::Words> words) {
  const simd::Floats d;
  const hn::RebindToSigned<simd::Floats> integers;
  const Vec whole =
      hn::ConvertTo(d, hn::BitCast(integers, hn::ShiftRight<8>(words)));
  return hn::Mul(hn::Add(whole, Splat(0.5f)), Splat(0x1p-24f));
}

// Two vectors of draws, made of two uniform ones.
HWY_NOINLINE void BoxMuller(Vec deviation, Vec& a, Vec& b) {
  constexpr float kTwoPi = 6.28318530717958647692f;
  const simd::Floats d;
  const Vec radius =
      hn::Mul(deviation, hn::Sqrt(hn::Mul(Splat(-2.0f), hn::Log(d, a))));
  Vec sine, cosine;
  hn::SinCos(d, hn::Mul(Splat(kTwoPi), b), sine, cosine);
  a = hn::Mul(radius, cosine);
  b = hn::Mul(radius, sine);
}

}  // namespace

void AddNormal(ThreadPool& pool, RandomStream& stream, float deviation,
               const float* x, float* y, size_t size) {
  static_assert(kParallelFloats % kBlock == 0);
  const uint64_t position = stream.position();
  pool.ParallelRanges(
      size, kParallelFloats, [=, &stream](size_t first, size_t count) {
        const Vec deviations = Splat(deviation);
        for (size_t i = first, end = first + count; i < end; i += kBlock) {
          hn::Vec<simd::Words> words[4];
          simd::Philox(stream, position + i / kBlock * kPositions, words);
          Vec draws[4];
          for (size_t j = 0; j < 4; j += 2) {
            draws[j] = UnitInterval(words[j]);
            draws[j + 1] = UnitInterval(words[j + 1]);
            BoxMuller(deviations, draws[j], draws[j + 1]);
          }
          simd::ForEachVector(
              std::min(kBlock, end - i), [&, i](size_t j, size_t some) {
                const Vec sum =
                    hn::Add(simd::LoadSome(x + i + j, some), draws[j / kLanes]);
                simd::StoreSome(sum, y + i + j, some);
              });
        }
      });
  stream.set_position(position + RoundUp(size, kBlock) / kBlock * kPositions);
}

}  // namespace lamella
