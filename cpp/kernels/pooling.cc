#include "kernels/pooling.h"

#include <algorithm>
#include <cassert>

#include "kernels/parallel-inl.h"
#include "kernels/simd.h"

namespace lamella {
namespace {

using simd::kLanes;
namespace hn = simd::hn;

// Calls visit(plane) for every plane, on all threads.
template <typename Visit>
void ForEachPlane(size_t planes, size_t plane_size, const Visit& visit) {
  ParallelRows(planes, plane_size, [=](size_t first, size_t count) {
    for (size_t plane = first; plane < first + count; ++plane) visit(plane);
  });
}

// Calls visit(output index, input index of the window's first element).
template <typename Visit>
void ForEachWindow(const PoolingGeometry& g, size_t planes,
                   const Visit& visit) {
  assert(g.pool_size >= 1 && g.stride >= 1);
  assert(g.height >= g.pool_size && g.width >= g.pool_size);
  const size_t output_height = g.output_height();
  const size_t output_width = g.output_width();
  ForEachPlane(planes, g.height * g.width, [=, &g](size_t plane) {
    size_t at = plane * output_height * output_width;
    for (size_t y = 0; y < output_height; ++y) {
      size_t corner = (plane * g.height + y * g.stride) * g.width;
      for (size_t x = 0; x < output_width; ++x, ++at, corner += g.stride) {
        visit(at, corner);
      }
    }
  });
}

// Place of the greatest element of the window whose first element is at
// `corner`.
size_t MaxOfWindow(const PoolingGeometry& g, const float* plane,
                   size_t corner) {
  size_t best = corner;
  for (size_t row = 0; row < g.pool_size; ++row) {
    for (size_t column = 0; column < g.pool_size; ++column) {
      const size_t i = corner + row * g.width + column;
      // A NaN replaces a number, and stays.
      if (plane[i] > plane[best] ||
          (plane[i] != plane[i] && plane[best] == plane[best])) {
        best = i;
      }
    }
  }
  return best;
}

// `MaxOfWindow` for four neighbouring windows of 2 x 2 with stride 2; their
// places unless `indices` is null.
void MaxOfFourWindows(const PoolingGeometry& g, const float* plane,
                      size_t corner, float* output, uint32_t* indices) {
  const simd::Floats d;
  const hn::RebindToUnsigned<simd::Floats> du;
  const auto window = hn::Iota(du, 0);
  const auto first = hn::Add(hn::Set(du, static_cast<uint32_t>(corner)),
                             hn::Add(window, window));
  const float* row = plane + corner;
  simd::Vec best = simd::Splat(0.0f);
  auto place = first;
  for (uint32_t tap = 0; tap < 4; ++tap) {
    const size_t offset = tap / 2 * g.width;
    const simd::Vec low = simd::Load(row + offset);
    const simd::Vec high = simd::Load(row + offset + kLanes);
    const simd::Vec value = tap % 2 == 0 ? hn::ConcatEven(d, high, low)
                                         : hn::ConcatOdd(d, high, low);
    // !(value <= best) holds for a NaN too; best == best fails once best is
    // one, so that it stays.
    const auto takes =
        hn::And(hn::Not(hn::Le(value, best)), hn::Eq(best, best));
    best = tap == 0 ? value : hn::IfThenElse(takes, value, best);
    const auto at =
        hn::Add(first, hn::Set(du, static_cast<uint32_t>(offset + tap % 2)));
    place =
        tap == 0 ? at : hn::IfThenElse(hn::RebindMask(du, takes), at, place);
  }
  simd::Store(best, output);
  if (indices != nullptr) hn::StoreU(place, du, indices);
}

}  // namespace

void MaxPool(const PoolingGeometry& g, size_t planes, const float* input,
             float* output, uint32_t* indices) {
  const size_t plane_size = g.height * g.width;
  const size_t output_width = g.output_width();
  // Windows of the usual kind are taken four at a time, the last four of a
  // row overlapping the ones before.
  const bool vectorized =
      g.pool_size == 2 && g.stride == 2 && output_width >= kLanes;
  ForEachPlane(planes, plane_size, [=, &g](size_t plane) {
    const float* from = input + plane * plane_size;
    size_t out = plane * g.output_height() * output_width;
    for (size_t y = 0; y < g.output_height(); ++y, out += output_width) {
      const size_t row = y * g.stride * g.width;
      if (vectorized) {
        for (size_t x = 0; x < output_width; x += kLanes) {
          const size_t start = std::min(x, output_width - kLanes);
          const size_t corner = row + 2 * start, at = out + start;
          MaxOfFourWindows(g, from, corner, output + at,
                           indices == nullptr ? nullptr : indices + at);
        }
      } else {
        for (size_t x = 0; x < output_width; ++x) {
          const size_t at = MaxOfWindow(g, from, row + x * g.stride);
          output[out + x] = from[at];
          if (indices != nullptr) indices[out + x] = static_cast<uint32_t>(at);
        }
      }
    }
  });
}

void MaxPoolGradient(const PoolingGeometry& g, size_t planes,
                     const float* output_gradient, const uint32_t* indices,
                     const float* rectified, float* input_gradient) {
  const size_t plane_size = g.height * g.width;
  const size_t outputs = g.output_height() * g.output_width();
  ForEachPlane(planes, plane_size, [=](size_t plane) {
    float* to = input_gradient + plane * plane_size;
    std::fill_n(to, plane_size, 0.0f);
    for (size_t i = plane * outputs; i < (plane + 1) * outputs; ++i) {
      const bool passes = rectified == nullptr || rectified[i] > 0.0f;
      to[indices[i]] += passes ? output_gradient[i] : 0.0f;
    }
  });
}

// Sum for a window's sum: float64 where that is long.
template <typename Sum>
void AveragePoolIn(const PoolingGeometry& g, size_t planes, const float* input,
                   float* output) {
  const float scale = 1.0f / static_cast<float>(g.pool_size * g.pool_size);
  ForEachWindow(g, planes, [=, &g](size_t at, size_t corner) {
    Sum sum = 0;
    for (size_t row = 0; row < g.pool_size; ++row) {
      // Of two or three columns: code for more at once takes 30 % longer.
#pragma clang loop unroll(disable)
      for (size_t column = 0; column < g.pool_size; ++column) {
        sum += input[corner + row * g.width + column];
      }
    }
    output[at] = static_cast<float>(sum) * scale;
  });
}

void AveragePool(const PoolingGeometry& g, size_t planes, const float* input,
                 float* output) {
  constexpr size_t kLongWindow = 16;
  if (g.pool_size < kLongWindow) {
    AveragePoolIn<float>(g, planes, input, output);
  } else {
    AveragePoolIn<double>(g, planes, input, output);
  }
}

void AveragePoolGradient(const PoolingGeometry& g, size_t planes,
                         const float* output_gradient, float* input_gradient) {
  const float scale = 1.0f / static_cast<float>(g.pool_size * g.pool_size);
  std::fill_n(input_gradient, planes * g.height * g.width, 0.0f);
  ForEachWindow(g, planes, [=, &g](size_t at, size_t corner) {
    const float share = output_gradient[at] * scale;
    for (size_t row = 0; row < g.pool_size; ++row) {
#pragma clang loop unroll(disable)
      for (size_t column = 0; column < g.pool_size; ++column) {
        input_gradient[corner + row * g.width + column] += share;
      }
    }
  });
}

void GlobalAveragePool(size_t rows, size_t pixels, const float* x,
                       float* means) {
  assert(pixels >= 1);
  for (size_t i = 0; i < rows; ++i, x += pixels) {
    double sum = 0.0;
    for (size_t p = 0; p < pixels; ++p) sum += x[p];
    means[i] = static_cast<float>(sum / static_cast<double>(pixels));
  }
}

void GlobalAveragePoolGradient(size_t rows, size_t pixels,
                               const float* output_gradient,
                               float* input_gradient) {
  for (size_t i = 0; i < rows; ++i) {
    input_gradient =
        std::fill_n(input_gradient, pixels,
                    output_gradient[i] / static_cast<float>(pixels));
  }
}

}  // namespace lamella
