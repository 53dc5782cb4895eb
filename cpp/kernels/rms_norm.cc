#include "kernels/rms_norm.h"

#include <array>
#include <cmath>

#include "kernels/channels-inl.h"
#include "kernels/reductions.h"

namespace lamella {
namespace {

using simd::LoadSome;
using simd::Splat;
using simd::StoreSome;
using simd::Vec;
namespace hn = simd::hn;

// Of these, squares in float32 are neither infinite nor 0.
bool IsInRange(double mean_square) {
  return mean_square > 0x1p-80 && mean_square < 0x1p+80;
}

// The same in float64, of `size` numbers `stride` apart.
double MeanSquare(const float* x, size_t size, size_t stride) {
  double sum = 0.0;
  for (size_t i = 0; i < size; ++i) {
    const double value = x[i * stride];
    sum += value * value;
  }
  return sum / static_cast<double>(size);
}

float InverseRoot(double mean_square, double epsilon) {
  const double root = std::sqrt(mean_square + epsilon);
  // Zeros without epsilon stay 0.
  return root == 0.0 ? 0.0f : static_cast<float>(1.0 / root);
}

// inverse_rms[inner] of x[size, inner].
void InverseRms(const AxisView& view, const float* x, double epsilon,
                float* inverse_rms) {
  const auto [outer, size, inner] = view;
  const double count = static_cast<double>(size);
  if (inner == 1) {
    double mean = SumProducts({1, size, size}, x, 0, x, 0) / count;
    if (!IsInRange(mean)) mean = MeanSquare(x, size, 1);
    *inverse_rms = InverseRoot(mean, epsilon);
    return;
  }
  SumOverRows<1, 0>({0, size, inner, inner, 1}, {},
                    [=](size_t, size_t at, size_t lanes, const auto&) {
                      const Vec v = LoadSome(x + at, lanes);
                      return std::array{hn::Mul(v, v)};
                    },
                    {inverse_rms});
  for (size_t i = 0; i < inner; ++i) {
    double mean = inverse_rms[i] / count;
    if (!IsInRange(mean)) mean = MeanSquare(x + i, size, inner);
    inverse_rms[i] = InverseRoot(mean, epsilon);
  }
}

// Calls body(at, count, factor, inverse) for the vectors of x[size, inner]
// with their gamma and inverse_rms.
template <typename Body>
void ForEachVectorOf(const AxisView& view, const float* gamma,
                     const float* inverse_rms, const Body& body) {
  const auto [outer, size, inner] = view;
  if (inner == 1) {
    const Vec inverse = Splat(*inverse_rms);
    simd::ForEachVector(size, [&](size_t i, size_t count) {
      body(i, size_t{0}, count, LoadSome(gamma + i, count), inverse);
    });
    return;
  }
  for (size_t c = 0; c < size; ++c) {
    const Vec factor = Splat(gamma[c]);
    simd::ForEachVector(inner, [&, inner = inner](size_t i, size_t count) {
      body(c * inner + i, i, count, factor, LoadSome(inverse_rms + i, count));
    });
  }
}

// Calls body(n, start) for every n below `outer`, whose numbers begin at
// `start`.
template <typename Body>
void ForEachOuter(ThreadPool& pool, const AxisView& view, const Body& body) {
  const size_t size = view.size * view.inner;
  ParallelRows(pool, view.outer, size, [=](size_t first, size_t own) {
    for (size_t n = first; n < first + own; ++n) body(n, n * size);
  });
}

}  // namespace

void RmsNorm(ThreadPool& pool, const AxisView& view, const float* x,
             double epsilon, const float* gamma, float* inverse_rms, float* y) {
  ForEachOuter(pool, view, [=](size_t n, size_t start) {
    float* inverse = inverse_rms + n * view.inner;
    InverseRms(view, x + start, epsilon, inverse);
    ForEachVectorOf(view, gamma, inverse,
                    [=](size_t at, size_t, size_t count, Vec factor, Vec own) {
                      const Vec unit =
                          hn::Mul(LoadSome(x + start + at, count), own);
                      StoreSome(hn::Mul(factor, unit), y + start + at, count);
                    });
  });
}

void RmsNormGammaGradient(ThreadPool& pool, const AxisView& view,
                          const float* x, const float* inverse_rms,
                          const float* output_gradient, float* gamma_gradient) {
  const auto [outer, size, inner] = view;
  if (inner == 1) {
    ParallelSumChannels<1, 0>(
        pool, view, {},
        [=](size_t row, size_t at, size_t count, const auto&) {
          const Vec unit =
              hn::Mul(LoadSome(x + at, count), Splat(inverse_rms[row]));
          return std::array{
              hn::Mul(LoadSome(output_gradient + at, count), unit)};
        },
        {gamma_gradient});
    return;
  }
  ParallelRows(
      pool, size, outer * inner,
      [=, outer = outer, size = size, inner = inner](size_t first, size_t own) {
        for (size_t c = first; c < first + own; ++c) {
          simd::LaneSums total;
          for (size_t n = 0; n < outer; ++n) {
            const size_t start = (n * size + c) * inner;
            simd::ForEachVector(inner, [&](size_t i, size_t count) {
              const Vec unit =
                  hn::Mul(LoadSome(x + start + i, count),
                          LoadSome(inverse_rms + n * inner + i, count));
              total.Add(
                  hn::Mul(LoadSome(output_gradient + start + i, count), unit));
            });
          }
          gamma_gradient[c] = static_cast<float>(total.Total());
        }
      });
}

void RmsNormInputGradient(ThreadPool& pool, const AxisView& view,
                          const float* x, const float* inverse_rms,
                          const float* gamma, const float* output_gradient,
                          float* workspace, float* input_gradient) {
  ForEachOuter(pool, view, [=](size_t n, size_t start) {
    const float* inverse = inverse_rms + n * view.inner;
    float* projection = workspace + n * view.inner;
    const Vec share = Splat(1.0f / static_cast<float>(view.size));
    const auto scaled = [=](size_t at, size_t count, Vec factor) {
      return hn::Mul(LoadSome(output_gradient + start + at, count), factor);
    };
    const auto unit = [=](size_t at, size_t count, Vec own) {
      return hn::Mul(LoadSome(x + start + at, count), own);
    };
    if (view.inner == 1) {
      // A channel that has all.
      SumOverRows<1, 1>({0, 1, view.size, 1, view.size}, {inverse},
                        [=](size_t, size_t at, size_t count, const auto& own) {
                          return std::array{hn::Mul(
                              scaled(at, count, LoadSome(gamma + at, count)),
                              unit(at, count, own[0]))};
                        },
                        {projection});
    } else {
      SumOverRows<1, 1>(
          {0, view.size, view.inner, view.inner, 1}, {inverse},
          [=](size_t row, size_t at, size_t count, const auto& own) {
            return std::array{hn::Mul(scaled(at, count, Splat(gamma[row])),
                                      unit(at, count, own[0]))};
          },
          {projection});
    }
    ForEachVectorOf(
        view, gamma, inverse,
        [=](size_t at, size_t i, size_t count, Vec factor, Vec own) {
          const Vec sum = view.inner == 1 ? Splat(*projection)
                                          : LoadSome(projection + i, count);
          const Vec centred =
              hn::Sub(scaled(at, count, factor),
                      hn::Mul(unit(at, count, own), hn::Mul(sum, share)));
          StoreSome(hn::Mul(own, centred), input_gradient + start + at, count);
        });
  });
}

}  // namespace lamella
