#include "kernels/pooling.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <type_traits>

#include "kernels/parallel-inl.h"
#include "kernels/reductions.h"
#include "kernels/simd.h"

namespace lamella {
namespace {

using simd::kLanes;
using simd::Vec;
namespace hn = simd::hn;

// Calls visit(plane) for every plane, on all threads.
template <typename Visit>
void ForEachPlane(ThreadPool& pool, size_t planes, size_t plane_size,
                  const Visit& visit) {
  ParallelRows(pool, planes, plane_size, [=](size_t first, size_t count) {
    for (size_t plane = first; plane < first + count; ++plane) visit(plane);
  });
}

// Neighbouring windows along one axis, of which equal parts lie in the image.
struct Run {
  size_t count;
  // Place of the first window's first pixel in the image.
  size_t pixel;
  // Pixels of each window.
  size_t size;
};

// The run from window `start` on over an axis of `length` pixels: all that lie
// whole in the image, or one that does not.
HWY_NOINLINE Run RunFrom(size_t start, const Window& window, size_t length) {
  assert(window.dilation == 1);
  // Places are counted from the first of the padding.
  const size_t before = window.padding_before;
  const size_t place = start * window.stride;
  const size_t first = std::max(place, before);
  const size_t end = std::min(place + window.size, before + length);
  const bool whole = end - first == window.size;
  const size_t whole_end = (before + length - window.size) / window.stride + 1;
  return {whole ? whole_end - start : 1, first - before, end - first};
}

// Windows of which equal parts lie in the image: runs along both axes.
struct Block {
  size_t height;
  size_t width;
  // Places of the first window's first pixel in the plane, and of its output.
  size_t pixel;
  size_t output;
  // Outputs from one row to the next.
  size_t output_width;
  // Pixels of each window.
  size_t rows;
  size_t columns;
};

// Calls visit(block) for blocks that make up the windows of a plane.
template <typename Visit>
void ForEachBlock(const PoolingGeometry& g, const Visit& visit) {
  const size_t output_height = g.output_height();
  const size_t output_width = g.output_width();
  for (size_t y = 0; y < output_height;) {
    const Run rows = RunFrom(y, g.vertical, g.height);
    for (size_t x = 0; x < output_width;) {
      const Run columns = RunFrom(x, g.horizontal, g.width);
      visit(Block{rows.count, columns.count,
                  rows.pixel * g.width + columns.pixel, y * output_width + x,
                  output_width, rows.size, columns.size});
      x += columns.count;
    }
    y += rows.count;
  }
}

// Windows in the lanes of a vector: neighbours 1 or 2 pixels apart, or one
// window alone.
template <bool kMany>
struct Lanes {
  static constexpr size_t kWindows = kMany ? kLanes : 1;

  // Pixel `column` of a row of each window. Nothing is read beyond that row of
  // the last one, if it has two pixels for a stride of 2.
  Vec Load(const float* row, size_t column) const {
    const simd::Floats d;
    const float* from = row + column;
    if constexpr (!kMany) return simd::Splat(*from);
    if (stride == 1) return simd::Load(from);
    // The first two columns are the even and the odd pixels of two vectors.
    return column == 0
               ? hn::ConcatEven(d, simd::Load(from + kLanes), simd::Load(from))
               : hn::ConcatOdd(d, simd::Load(from + kLanes - 1),
                               simd::Load(from - 1));
  }

  template <typename Values, typename T>
  static void Store(Values values, T* to) {
    if constexpr (kMany) {
      hn::StoreU(values, hn::DFromV<Values>(), to);
    } else {
      *to = hn::GetLane(values);
    }
  }

  size_t stride;
};

size_t OutputSize(const PoolingGeometry& g) {
  return g.output_height() * g.output_width();
}

// Calls visit(lanes, rows, columns, plane, pixel, output) for vectors that make
// up all windows: the pixels of each window, and the places of the first one's
// first pixel in its plane and of its output among all. The last vector of a
// row overlaps the one before it. Windows of more rows and columns together
// than `most` are taken one at a time.
template <typename Visit>
void ForEachWindowVector(ThreadPool& pool, const PoolingGeometry& g,
                         size_t planes, size_t most, const Visit& visit) {
  const size_t stride = g.horizontal.stride;
  const size_t output_size = OutputSize(g);
  const size_t down = g.vertical.stride * g.width;
  ParallelRows(
      pool, planes, g.height * g.width, [=, &g](size_t first, size_t count) {
        ForEachBlock(g, [=](const Block& block) {
          const auto visit_all = [=](auto lanes) {
            for (size_t plane = first; plane < first + count; ++plane) {
              for (size_t y = 0; y < block.height; ++y) {
                for (size_t i = 0; i < block.width; i += lanes.kWindows) {
                  const size_t x = std::min(i, block.width - lanes.kWindows);
                  visit(lanes, block.rows, block.columns, plane,
                        block.pixel + y * down + x * stride,
                        plane * output_size + block.output +
                            y * block.output_width + x);
                }
              }
            }
          };
          const bool many = stride <= std::min<size_t>(2, block.columns) &&
                            block.width >= kLanes &&
                            block.rows + block.columns <= most;
          if (many) {
            visit_all(Lanes<true>{stride});
          } else {
            visit_all(Lanes<false>{stride});
          }
        });
      });
}

}  // namespace

void MaxPool(ThreadPool& pool, const PoolingGeometry& g, size_t planes,
             const float* input, float* output, uint32_t* indices) {
  const size_t width = g.width;
  const size_t plane_size = g.height * width;
  ForEachWindowVector(
      pool, g, planes, SIZE_MAX,
      [=]<bool kMany>(Lanes<kMany> lanes, size_t rows, size_t columns,
                      size_t plane, size_t pixel, size_t at) {
        const float* from = input + plane * plane_size + pixel;
        const hn::RebindToUnsigned<simd::Floats> du;
        Vec best = lanes.Load(from, 0);
        auto place = hn::Zero(du);
        const auto take = [&](auto keeps_place, size_t row, size_t column) {
          const Vec value = lanes.Load(from + row, column);
          // !(value <= best) holds for a NaN too; best == best fails once best
          // is one, so that it stays.
          const auto takes =
              hn::AndNot(hn::Le(value, best), hn::Eq(best, best));
          best = hn::IfThenElse(takes, value, best);
          if (!keeps_place) return;
          place = hn::IfThenElse(
              hn::RebindMask(du, takes),
              hn::Set(du, static_cast<uint32_t>(row + column)), place);
        };
        const auto take_four = [&](auto keeps_place) {
          take(keeps_place, 0, 1);
          take(keeps_place, width, 0);
          take(keeps_place, width, 1);
        };
        if (kMany && lanes.stride == 2 && rows == 2 && columns == 2) {
          // As loops, which are not unrolled, the usual windows take 1.6 times
          // as long, and as long again with places that nobody asks for.
          if (indices == nullptr) {
            take_four(std::false_type());
          } else {
            take_four(std::true_type());
          }
        } else {
          for (size_t row = 0, column = 1; row < rows; ++row, column = 0) {
            for (; column < columns; ++column) {
              take(std::true_type(), row * width, column);
            }
          }
        }
        lanes.Store(best, output + at);
        if (indices == nullptr) return;
        const auto strides = hn::Mul(
            hn::Iota(du, 0), hn::Set(du, static_cast<uint32_t>(lanes.stride)));
        const auto first =
            hn::Add(hn::Set(du, static_cast<uint32_t>(pixel)), strides);
        lanes.Store(hn::Add(first, place), indices + at);
      });
}

void MaxPoolGradient(ThreadPool& pool, const PoolingGeometry& g, size_t planes,
                     const float* output_gradient, const uint32_t* indices,
                     const float* rectified, float* input_gradient) {
  const size_t plane_size = g.height * g.width;
  const size_t outputs = OutputSize(g);
  ForEachPlane(pool, planes, plane_size, [=](size_t plane) {
    float* to = input_gradient + plane * plane_size;
    std::fill_n(to, plane_size, 0.0f);
    for (size_t i = plane * outputs; i < (plane + 1) * outputs; ++i) {
      const bool passes = rectified == nullptr || rectified[i] > 0.0f;
      to[indices[i]] += passes ? output_gradient[i] : 0.0f;
    }
  });
}

// Number of elements that the mean of a window is of.
class MeanSize {
 public:
  // As a whole number the product may be more than 32 bits hold.
  MeanSize(const PoolingGeometry& g, bool count_padding)
      : padded_(count_padding ? static_cast<float>(g.vertical.size) *
                                    static_cast<float>(g.horizontal.size)
                              : 0.0f) {}

  float operator()(size_t rows, size_t columns) const {
    return padded_ != 0.0f ? padded_ : static_cast<float>(rows * columns);
  }

 private:
  float padded_;
};

// Rows and columns together of windows whose sums may be float32, first those
// of rows: a mean is off by one rounding less, 15 at most or 9e-7 of |pixels|.
constexpr size_t kMostInFloat = 16;

void AveragePool(ThreadPool& pool, const PoolingGeometry& g, bool count_padding,
                 size_t planes, const float* input, float* output) {
  const MeanSize mean_size(g, count_padding);
  const size_t width = g.width;
  const size_t plane_size = g.height * width;
  ForEachWindowVector(
      pool, g, planes, kMostInFloat,
      [=]<bool kMany>(Lanes<kMany> lanes, size_t rows, size_t columns,
                      size_t plane, size_t pixel, size_t at) {
        const float* from = input + plane * plane_size + pixel;
        double accurate = 0;
        Vec total = simd::Splat(0.0f);
        for (size_t row = 0; row < rows; ++row, from += width) {
          Vec sum = simd::Splat(0.0f);
          for (size_t column = 0; column < columns; ++column) {
            if constexpr (kMany) {
              sum = hn::Add(sum, lanes.Load(from, column));
            } else {
              accurate += from[column];
            }
          }
          total = hn::Add(total, sum);
        }
        if constexpr (!kMany) {
          total = simd::Splat(static_cast<float>(accurate));
        }
        lanes.Store(hn::Div(total, simd::Splat(mean_size(rows, columns))),
                    output + at);
      });
}

void Add(Vec value, float* to) {
  simd::Store(hn::Add(simd::Load(to), value), to);
}

// Adds the gradients of windows in a row, divided by `mean_size`, to their
// pixels, those of the first from `to` on.
void Spread(const PoolingGeometry& g, const Block& block, float mean_size,
            const float* gradient, float* to) {
  const simd::Floats d;
  const size_t stride = g.horizontal.stride;
  // All windows but the last few are taken in vectors: where those of an odd
  // size are 2 pixels apart, zeros are added beside their last pixels.
  const size_t whole = stride > 2 ? 0 : (block.width - 1) / kLanes * kLanes;
  for (size_t row = 0; row < block.rows; ++row) {
    for (size_t column = 0; column < block.columns; column += stride) {
      float* pixel = to + row * g.width + column;
      for (size_t i = 0; i < whole; i += kLanes, pixel += kLanes * stride) {
        const Vec value =
            hn::Div(simd::Load(gradient + i), simd::Splat(mean_size));
        if (stride == 1) {
          Add(value, pixel);
        } else {
          const Vec odd = column + 1 < block.columns ? value : hn::Zero(d);
          Add(hn::InterleaveLower(d, value, odd), pixel);
          Add(hn::InterleaveUpper(d, value, odd), pixel + kLanes);
        }
      }
    }
  }
  for (size_t i = whole; i < block.width; ++i) {
    const float value = gradient[i] / mean_size;
    float* pixel = to + i * stride;
    for (size_t row = 0; row < block.rows; ++row, pixel += g.width) {
      for (size_t column = 0; column < block.columns; ++column) {
        pixel[column] += value;
      }
    }
  }
}

void AveragePoolGradient(ThreadPool& pool, const PoolingGeometry& g,
                         bool count_padding, size_t planes,
                         const float* output_gradient, float* input_gradient) {
  const MeanSize mean_size(g, count_padding);
  const size_t plane_size = g.height * g.width;
  const size_t output_size = OutputSize(g);
  ForEachPlane(pool, planes, plane_size, [=, &g](size_t plane) {
    float* to = input_gradient + plane * plane_size;
    std::fill_n(to, plane_size, 0.0f);
    ForEachBlock(g, [=, &g](const Block& block) {
      const float* gradient =
          output_gradient + plane * output_size + block.output;
      float* pixel = to + block.pixel;
      for (size_t y = 0; y < block.height; ++y) {
        Spread(g, block, mean_size(block.rows, block.columns), gradient, pixel);
        gradient += block.output_width;
        pixel += g.vertical.stride * g.width;
      }
    });
  });
}

void GlobalAveragePool(ThreadPool& pool, size_t rows, size_t pixels,
                       const float* x, float* means) {
  assert(pixels >= 1);
  ParallelRows(pool, rows, pixels, [=](size_t first, size_t count) {
    for (size_t row = first; row < first + count; ++row) {
      const double sum = SumChannel({1, 0, pixels}, x + row * pixels);
      means[row] = static_cast<float>(sum / static_cast<double>(pixels));
    }
  });
}

void GlobalAveragePoolGradient(size_t rows, size_t pixels,
                               const float* output_gradient,
                               float* input_gradient) {
  for (size_t i = 0; i < rows; ++i, input_gradient += pixels) {
    const Vec share =
        simd::Splat(output_gradient[i] / static_cast<float>(pixels));
    simd::ForEachVector(pixels, [=](size_t p, size_t count) {
      simd::StoreSome(share, input_gradient + p, count);
    });
  }
}

}  // namespace lamella
