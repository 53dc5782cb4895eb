// The transforms of F(4x4, 3x3), on vectors whose lanes are channels, and the
// image layout they read.
#ifndef LAMELLA_KERNELS_WINOGRAD_INL_H_
#define LAMELLA_KERNELS_WINOGRAD_INL_H_

#include <algorithm>
#include <cstddef>

#include "kernels/simd.h"

namespace lamella::winograd {

using simd::kLanes;
using simd::MultiplyAdd;
using simd::Splat;
using simd::Vec;
namespace hn = simd::hn;

/// Outputs, inputs and kernel taps along one side of a tile.
inline constexpr size_t kOutputs = 4;
inline constexpr size_t kInputs = 6;
inline constexpr size_t kTaps = 3;
/// Points of a transformed tile.
inline constexpr size_t kPoints = kInputs * kInputs;

/// Lines of vectors in memory, and the vectors of one: element i of line l is
/// at first[l * line_stride + i * stride].
template <typename Float>
struct Lines {
  Float* first;
  size_t line_stride;
  size_t stride;

  Lines Line(size_t l) const {
    return {first + l * line_stride, line_stride, stride};
  }
  Vec operator[](size_t i) const { return simd::Load(first + i * stride); }
  void Set(size_t i, Vec value) const {
    simd::Store(value, first + i * stride);
  }
};
using From = Lines<const float>;
using To = Lines<float>;  // overlaps no line that is yet to be read

/// B^T d, six to six.
inline void InputLine(From d, To out) {
  const Vec d1 = d[1], d2 = d[2], d3 = d[3], d4 = d[4];
  const Vec minus4 = Splat(-4.0f), minus5 = Splat(-5.0f);
  const Vec four = Splat(4.0f), two = Splat(2.0f);
  const Vec even4 = MultiplyAdd(minus4, d2, d4);
  const Vec odd4 = MultiplyAdd(minus4, d1, d3);
  const Vec even1 = hn::Sub(d4, d2);
  const Vec odd1 = hn::Sub(d3, d1);
  const Vec first = MultiplyAdd(four, d[0], MultiplyAdd(minus5, d2, d4));
  const Vec last = MultiplyAdd(four, d1, MultiplyAdd(minus5, d3, d[5]));
  out.Set(0, first);
  out.Set(1, hn::Add(even4, odd4));
  out.Set(2, hn::Sub(even4, odd4));
  out.Set(3, MultiplyAdd(two, odd1, even1));
  out.Set(4, MultiplyAdd(Splat(-2.0f), odd1, even1));
  out.Set(5, last);
}

/// A^T m, six to four.
inline void OutputLine(From m, To out) {
  const Vec sum1 = hn::Add(m[1], m[2]), difference1 = hn::Sub(m[1], m[2]);
  const Vec sum2 = hn::Add(m[3], m[4]), difference2 = hn::Sub(m[3], m[4]);
  const Vec first = hn::Add(m[0], hn::Add(sum1, sum2));
  const Vec last =
      hn::Add(m[5], MultiplyAdd(Splat(8.0f), difference2, difference1));
  out.Set(0, first);
  out.Set(1, MultiplyAdd(Splat(2.0f), difference2, difference1));
  out.Set(2, MultiplyAdd(Splat(4.0f), sum2, sum1));
  out.Set(3, last);
}

/// A g, four to six: the transpose of `OutputLine`.
inline void GradientLine(From g, To out) {
  const Vec g0 = g[0], g1 = g[1], g2 = g[2], g3 = g[3];
  const Vec even1 = hn::Add(g0, g2), odd1 = hn::Add(g1, g3);
  const Vec even2 = MultiplyAdd(Splat(4.0f), g2, g0);
  const Vec odd2 =
      MultiplyAdd(Splat(8.0f), g3, MultiplyAdd(Splat(2.0f), g1, Splat(0.0f)));
  out.Set(0, g0);
  out.Set(1, hn::Add(even1, odd1));
  out.Set(2, hn::Sub(even1, odd1));
  out.Set(3, hn::Add(even2, odd2));
  out.Set(4, hn::Sub(even2, odd2));
  out.Set(5, g3);
}

/// G g, three to six: the transform of a kernel.
inline void KernelLine(From g, To out) {
  const Vec g0 = g[0], g1 = g[1], g2 = g[2];
  const Vec ends = hn::Mul(Splat(-1.0f / 6), hn::Add(g0, g2));
  const Vec middle = hn::Mul(Splat(1.0f / 6), g1);
  const Vec outer =
      MultiplyAdd(Splat(1.0f / 24), g0, hn::Mul(Splat(1.0f / 6), g2));
  const Vec inner = hn::Mul(Splat(1.0f / 12), g1);
  out.Set(0, hn::Mul(Splat(1.0f / 4), g0));
  out.Set(1, hn::Sub(ends, middle));
  out.Set(2, hn::Add(ends, middle));
  out.Set(3, hn::Add(outer, inner));
  out.Set(4, hn::Sub(outer, inner));
  out.Set(5, g2);
}

/// G^T u, six to three: the transpose of `KernelLine`.
inline void KernelGradientLine(From u, To out) {
  const Vec sum1 = hn::Add(u[1], u[2]), difference1 = hn::Sub(u[2], u[1]);
  const Vec sum2 = hn::Add(u[3], u[4]), difference2 = hn::Sub(u[3], u[4]);
  const Vec sixth = Splat(1.0f / 6);
  const Vec last = MultiplyAdd(sixth, hn::Sub(sum2, sum1), u[5]);
  out.Set(0, MultiplyAdd(Splat(1.0f / 4), u[0],
                         MultiplyAdd(Splat(1.0f / 24), sum2,
                                     hn::Mul(Splat(-1.0f / 6), sum1))));
  out.Set(1, MultiplyAdd(sixth, difference1,
                         hn::Mul(Splat(1.0f / 12), difference2)));
  out.Set(2, last);
}

/// Transforms `count` lines. Not unrolled: the lines of a tile do not fit the
/// registers together, and so unrolled are as fast and 1.4 kB gzip more.
template <void (*kLine)(From, To)>
void TransformLines(size_t count, From from, To to) {
#pragma clang loop unroll(disable)
  for (size_t l = 0; l < count; ++l) kLine(from.Line(l), to.Line(l));
}

/// Transforms a square tile of kFrom x kFrom vectors to kTo x kTo: its lines,
/// then across them what these have become.
template <void (*kLine)(From, To), size_t kFrom, size_t kTo>
void TransformTile(From from, To to) {
  float between[kFrom * kTo * kLanes];
  TransformLines<kLine>(kFrom, from, {between, kTo * kLanes, kLanes});
  TransformLines<kLine>(kTo, {between, kLanes, kTo * kLanes},
                        {to.first, to.stride, to.line_stride});
}

/// Images with four channels side by side, zeros around them: pixel (y, x) of
/// channels 4 b … 4 b + 3 is the vector at ((b * height + y) * width + x) * 4.
struct InterleavedImage {
  size_t channels;
  size_t height;
  size_t width;

  size_t blocks() const { return (channels + kLanes - 1) / kLanes; }
  size_t size() const { return blocks() * height * width * kLanes; }
  size_t Offset(size_t block, size_t y, size_t x) const {
    return ((block * height + y) * width + x) * kLanes;
  }

  /// Copies planes of from_height x from_width, their first pixel going to
  /// (top, left). What lies outside stays as it is: zero.
  void Copy(const float* planes, size_t from_height, size_t from_width,
            size_t top, size_t left, float* to) const {
    const size_t plane = from_height * from_width;
    for (size_t b = 0; b < blocks(); ++b) {
      const size_t lanes = std::min(kLanes, channels - b * kLanes);
      for (size_t y = 0; y < from_height; ++y) {
        const float* row = planes + b * kLanes * plane + y * from_width;
        float* out = to + Offset(b, y + top, left);
        size_t x = 0;
        if (lanes == kLanes) {
          for (; x + kLanes <= from_width; x += kLanes) {
            Vec pixels[kLanes];
            for (size_t l = 0; l < kLanes; ++l) {
              pixels[l] = simd::Load(row + l * plane + x);
            }
            simd::Transpose(pixels);
            for (size_t l = 0; l < kLanes; ++l) {
              simd::Store(pixels[l], out + (x + l) * kLanes);
            }
          }
        }
        for (; x < from_width; ++x) {
          for (size_t l = 0; l < lanes; ++l) {
            out[x * kLanes + l] = row[l * plane + x];
          }
        }
      }
    }
  }
};

}  // namespace lamella::winograd

#endif  // LAMELLA_KERNELS_WINOGRAD_INL_H_
