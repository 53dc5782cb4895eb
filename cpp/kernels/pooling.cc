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

// Pixels of a window.
struct Pixels {
  // Place of the first in its plane.
  size_t corner;
  size_t rows;
  size_t columns;
};

// The part of a window that lies in the image, places counted from the first of
// the padding.
struct Part {
  Part(const Window& window, size_t start, size_t length)
      : first(std::max(start, window.padding_before)),
        size(std::min(start + window.size, window.padding_before + length) -
             first) {}

  size_t first;
  size_t size;
};

// Calls visit(output index, plane, pixels) for every window.
template <typename Visit>
void ForEachWindow(const PoolingGeometry& g, size_t planes,
                   const Visit& visit) {
  assert(g.vertical.dilation == 1 && g.horizontal.dilation == 1);
  const size_t output_height = g.output_height();
  const size_t output_width = g.output_width();
  ForEachPlane(planes, g.height * g.width, [=](size_t plane) {
    const Window &v = g.vertical, &h = g.horizontal;
    // The end of the windows that lie whole in a row: those make one loop.
    const size_t whole_end =
        (h.padding_before + g.width - h.size) / h.stride + 1;
    size_t at = plane * output_height * output_width;
    for (size_t y = 0; y < output_height; ++y) {
      const Part rows(v, y * v.stride, g.height);
      const size_t row =
          (rows.first - v.padding_before) * g.width - h.padding_before;
      for (size_t x = 0; x < output_width;) {
        const Part columns(h, x * h.stride, g.width);
        const size_t end = columns.size == h.size ? whole_end : x + 1;
        size_t corner = row + columns.first;
        for (; x < end; ++x, ++at, corner += h.stride) {
          visit(at, plane, Pixels{corner, rows.size, columns.size});
        }
      }
    }
  });
}

// Place of the greatest pixel of a window.
size_t MaxOfWindow(const PoolingGeometry& g, const float* plane,
                   const Pixels& pixels) {
  size_t best = pixels.corner;
  for (size_t row = 0; row < pixels.rows; ++row) {
    for (size_t column = 0; column < pixels.columns; ++column) {
      const size_t i = pixels.corner + row * g.width + column;
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
  const size_t output_height = g.output_height();
  const size_t output_width = g.output_width();
  // Windows of the usual kind are taken four at a time, the last four of a
  // row overlapping the ones before.
  constexpr Window kUsual = {.size = 2, .stride = 2};
  if (g.vertical != kUsual || g.horizontal != kUsual || output_width < kLanes) {
    ForEachWindow(g, planes, [=, &g](size_t at, size_t plane, Pixels pixels) {
      const float* from = input + plane * plane_size;
      const size_t place = MaxOfWindow(g, from, pixels);
      output[at] = from[place];
      if (indices != nullptr) indices[at] = static_cast<uint32_t>(place);
    });
    return;
  }
  ForEachPlane(planes, plane_size, [=, &g](size_t plane) {
    size_t out = plane * output_height * output_width;
    for (size_t y = 0; y < output_height; ++y, out += output_width) {
      for (size_t x = 0; x < output_width; x += kLanes) {
        const size_t start = std::min(x, output_width - kLanes);
        const size_t at = out + start;
        MaxOfFourWindows(g, input + plane * plane_size,
                         2 * (y * g.width + start), output + at,
                         indices == nullptr ? nullptr : indices + at);
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

// Pixels of a window, those in the padding included: as a whole number they may
// be more than 32 bits hold.
double WindowSize(const PoolingGeometry& g) {
  return static_cast<double>(g.vertical.size) *
         static_cast<double>(g.horizontal.size);
}

// The weight of each element in the mean of its window.
class Share {
 public:
  Share(const PoolingGeometry& g, bool count_padding)
      : size_(WindowSize(g)),
        share_(static_cast<float>(1.0 / size_)),
        count_padding_(count_padding) {}

  float operator()(const Pixels& pixels) const {
    const auto size = static_cast<float>(pixels.rows * pixels.columns);
    return count_padding_ || size == size_ ? share_ : 1.0f / size;
  }

 private:
  double size_;
  float share_;
  bool count_padding_;
};

void AveragePool(const PoolingGeometry& g, bool count_padding, size_t planes,
                 const float* input, float* output) {
  const Share share(g, count_padding);
  ForEachWindow(g, planes, [=, &g](size_t at, size_t plane, Pixels pixels) {
    const float* from = input + plane * g.height * g.width + pixels.corner;
    double sum = 0;
    for (size_t row = 0; row < pixels.rows; ++row, from += g.width) {
      // Of two or three columns: code for more at once takes 30 % longer.
#pragma clang loop unroll(disable)
      for (size_t column = 0; column < pixels.columns; ++column) {
        sum += from[column];
      }
    }
    output[at] = static_cast<float>(sum) * share(pixels);
  });
}

void AveragePoolGradient(const PoolingGeometry& g, bool count_padding,
                         size_t planes, const float* output_gradient,
                         float* input_gradient) {
  const Share share(g, count_padding);
  std::fill_n(input_gradient, planes * g.height * g.width, 0.0f);
  ForEachWindow(g, planes, [=, &g](size_t at, size_t plane, Pixels pixels) {
    const float gradient = output_gradient[at] * share(pixels);
    float* to = input_gradient + plane * g.height * g.width + pixels.corner;
    for (size_t row = 0; row < pixels.rows; ++row, to += g.width) {
#pragma clang loop unroll(disable)
      for (size_t column = 0; column < pixels.columns; ++column) {
        to[column] += gradient;
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
