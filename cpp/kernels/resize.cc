#include "kernels/resize.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

#include "kernels/simd.h"

namespace lamella {
namespace {

using simd::kLanes;
using simd::Vec;
namespace hn = simd::hn;

// A pixel is a vector: red, green, blue and opacity.
constexpr size_t kPixel = kLanes;

// Weights of the pixels that those of the output are means of, along one axis.
class Filter {
 public:
  Filter(size_t size, size_t output_size)
      : size_(size),
        step_(static_cast<double>(size) / static_cast<double>(output_size)),
        radius_(std::max(step_, 1.0)) {}

  // Greatest number of pixels of a mean.
  size_t most() const {
    return std::min(size_, static_cast<size_t>(std::ceil(2.0 * radius_)) + 1);
  }

  // The first pixel of mean `i`, of those whose middle is nearer than the
  // radius.
  size_t First(size_t i) const {
    return static_cast<size_t>(std::max(0.0, Middle(i) - radius_ + 0.5));
  }

  // Writes the weights, which sum to 1, for the pixels from the first one on;
  // gives their number.
  size_t Write(size_t i, float* weights) const {
    const size_t first = First(i);
    const size_t end =
        std::min(size_, static_cast<size_t>(Middle(i) + radius_ + 0.5));
    const auto height = [&](size_t pixel) {
      const double distance = static_cast<double>(pixel) + 0.5 - Middle(i);
      return std::max(0.0, 1.0 - std::abs(distance) / radius_);
    };
    double sum = 0.0;
    for (size_t pixel = first; pixel < end; ++pixel) sum += height(pixel);
    for (size_t pixel = first; pixel < end; ++pixel) {
      *weights++ = static_cast<float>(height(pixel) / sum);
    }
    return end - first;
  }

 private:
  double Middle(size_t i) const {
    return (static_cast<double>(i) + 0.5) * step_;
  }

  size_t size_;
  // Pixels from one mean to the next.
  double step_;
  double radius_;
};

// The parts of the workspace.
struct Parts {
  Parts(const ResizeGeometry& g, const Filter& horizontal,
        const Filter& vertical, float* workspace)
      : row_size(g.output_width * kPixel),
        row_weights(workspace),
        places(row_weights + g.output_width * horizontal.most()),
        column_weights(places + g.output_width),
        input_row(column_weights + vertical.most()),
        output_row(input_row + (g.width + horizontal.most()) * kPixel),
        rows(output_row + row_size + kLanes * kPixel) {}

  size_t row_size;
  // Weights of the pixels of each column, `Filter::most` of them with zeros
  // behind.
  float* row_weights;
  // Bits of the place in the input row of each column's first pixel.
  float* places;
  float* column_weights;
  // With zeros behind, which have no weight.
  float* input_row;
  // Whole vectors of pixels are read from it.
  float* output_row;
  // The latest rows at the output's width: row y at y % `Filter::most`.
  float* rows;
};

// to[count, kPixel] = pixels of `channels` bytes.
void Widen(const uint8_t* from, size_t count, size_t channels, float* to) {
  const simd::Floats d;
  const hn::Rebind<uint8_t, simd::Floats> bytes;
  const hn::Rebind<int32_t, simd::Floats> integers;
  const Vec opaque = simd::Splat(255.0f);
  const auto is_color = hn::FirstN(d, 3);
  const float* const end = to + count * kPixel;
  if (channels == 4) {
    // Four pixels at a time take half the time.
    const hn::FixedTag<uint8_t, 16> all;
    const hn::FixedTag<uint16_t, 8> half;
    const auto store = [&](auto pixels, float* pair) {
      simd::Store(hn::ConvertTo(d, hn::PromoteLowerTo(integers, pixels)), pair);
      simd::Store(hn::ConvertTo(d, hn::PromoteUpperTo(integers, pixels)),
                  pair + kPixel);
    };
    for (; to + 4 * kPixel <= end; from += 16, to += 4 * kPixel) {
      const auto four = hn::LoadU(all, from);
      store(hn::PromoteLowerTo(half, four), to);
      store(hn::PromoteUpperTo(half, four), to + 2 * kPixel);
    }
  }
  for (; to < end; from += channels, to += kPixel) {
    if (channels == 1) {
      const Vec grey = simd::Splat(*from);
      simd::Store(hn::IfThenElse(is_color, grey, opaque), to);
      continue;
    }
    const Vec pixel =
        hn::ConvertTo(d, hn::PromoteTo(integers, hn::LoadU(bytes, from)));
    simd::Store(channels == 4 ? pixel : hn::IfThenElse(is_color, pixel, opaque),
                to);
  }
}

// Terms that a sum takes before it is added to the others: a mean of 65,535
// equal pixels is off by less than 4 * 10^-5.
constexpr size_t kPartOfSum = 256;

// The sum of weights[i] * the pixel at from(i).
template <typename From>
Vec WeightedSum(size_t count, const float* weights, const From& from) {
  Vec sum = simd::Splat(0.0f);
  for (size_t first = 0; first < count; first += kPartOfSum) {
    const size_t end = std::min(first + kPartOfSum, count);
    Vec part = simd::Splat(0.0f);
#pragma clang loop unroll_count(4)
    for (size_t i = first; i < end; ++i) {
      part =
          simd::MultiplyAdd(simd::Splat(weights[i]), simd::Load(from(i)), part);
    }
    sum = hn::Add(sum, part);
  }
  return sum;
}

// to[count, kPixel] = means of the pixels of a row, each of `most`: processors
// guess the end of a loop wrongly where some means have one pixel more, which
// took as long as the arithmetic.
void ResizeRow(const Parts& parts, size_t count, size_t most, float* to) {
  const float* weights = parts.row_weights;
  for (size_t x = 0; x < count; ++x, weights += most, to += kPixel) {
    const float* from =
        parts.input_row + std::bit_cast<uint32_t>(parts.places[x]);
    simd::Store(
        WeightedSum(most, weights, [=](size_t i) { return from + i * kPixel; }),
        to);
  }
}

// Writes a row of each channel's plane.
void Separate(const ResizeGeometry& g, const float* row, float scale,
              float* output) {
  const simd::Floats d;
  const size_t plane = g.output_height * g.output_width;
  const Vec factor = simd::Splat(scale);
  for (size_t x = 0; x < g.output_width; x += kLanes) {
    const size_t count = std::min(kLanes, g.output_width - x);
    Vec channel[kPixel];
    hn::LoadInterleaved4(d, row + x * kPixel, channel[0], channel[1],
                         channel[2], channel[3]);
    if (g.output_channels == 1 && g.channels != 1) {
      channel[0] = hn::Add(hn::Add(hn::Mul(simd::Splat(0.299f), channel[0]),
                                   hn::Mul(simd::Splat(0.587f), channel[1])),
                           hn::Mul(simd::Splat(0.114f), channel[2]));
    }
    for (size_t c = 0; c < g.output_channels; ++c) {
      simd::StorePart(hn::Mul(factor, channel[c]), output + c * plane + x,
                      count);
    }
  }
}

}  // namespace

uint64_t ResizeWorkspace(const ResizeGeometry& g) {
  const uint64_t rows = Filter(g.height, g.output_height).most();
  const uint64_t columns = Filter(g.width, g.output_width).most();
  return g.output_width * (columns + 1 + (rows + 1) * kPixel) + rows +
         (g.width + columns + kLanes) * kPixel;
}

void Resize(const ResizeGeometry& g, const uint8_t* pixels, float scale,
            float* workspace, float* output) {
  assert(g.height > 0 && g.width > 0 && g.output_height > 0 &&
         g.output_width > 0);
  const Filter horizontal(g.width, g.output_width);
  const Filter vertical(g.height, g.output_height);
  const Parts parts(g, horizontal, vertical, workspace);
  const size_t most = horizontal.most();
  std::fill_n(parts.row_weights, g.output_width * most, 0.0f);
  std::fill_n(parts.input_row + g.width * kPixel, most * kPixel, 0.0f);
  for (size_t x = 0; x < g.output_width; ++x) {
    horizontal.Write(x, parts.row_weights + x * most);
    const size_t place = horizontal.First(x) * kPixel;
    parts.places[x] = std::bit_cast<float>(static_cast<uint32_t>(place));
  }

  const size_t kept = vertical.most();
  const auto row = [&](size_t y) {
    return parts.rows + y % kept * parts.row_size;
  };
  size_t next = 0;
  for (size_t y = 0; y < g.output_height; ++y) {
    const size_t first = vertical.First(y);
    const size_t count = vertical.Write(y, parts.column_weights);
    for (next = std::max(next, first); next < first + count; ++next) {
      Widen(pixels + next * g.row_bytes, g.width, g.channels, parts.input_row);
      ResizeRow(parts, g.output_width, most, row(next));
    }
    for (size_t x = 0; x < parts.row_size; x += kPixel) {
      const auto pixel = [&](size_t i) { return row(first + i) + x; };
      simd::Store(WeightedSum(count, parts.column_weights, pixel),
                  parts.output_row + x);
    }
    Separate(g, parts.output_row, scale, output + y * g.output_width);
  }
}

}  // namespace lamella
