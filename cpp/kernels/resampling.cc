#include "kernels/resampling.h"

#include <algorithm>
#include <cassert>

#include "kernels/copy-inl.h"
#include "kernels/parallel-inl.h"

namespace lamella {
namespace {

using simd::kLanes;
using simd::Vec;
namespace hn = simd::hn;

// Row of an image made as wide as the output.
void ResampleRow(const ResamplingGeometry& g, const float* row, float* to) {
  const ResamplingTap* taps = g.columns.data();
  const size_t width = g.output_width(), last = g.width - 1;
  const auto blend = [row, last](const ResamplingTap& tap) {
    const float first = row[tap.from];
    if (tap.weight == 0.0f) return first;
    const float next = row[std::min<size_t>(tap.from + 1, last)];
    return first * (1.0f - tap.weight) + next * tap.weight;
  };
  for (size_t x = 0; x < width; ++x) to[x] = blend(taps[x]);
}

// The transpose: the gradient of a row by that of the wider one.
void ResampleRowGradient(const ResamplingGeometry& g, const float* gradient,
                         float* to) {
  const ResamplingTap* taps = g.columns.data();
  const size_t width = g.output_width();
  float next = 0.0f;
  for (size_t x = 0, pixel = 0; pixel < g.width; ++pixel) {
    float sum = next;
    next = 0.0f;
    for (; x < width && taps[x].from == pixel; ++x) {
      sum += gradient[x] * (1.0f - taps[x].weight);
      next += gradient[x] * taps[x].weight;
    }
    to[pixel] = sum;
  }
}

// to = (1 - weight) * first + weight * next.
void BlendRows(const float* first, const float* next, float weight,
               size_t count, float* to) {
  const Vec a = simd::Splat(1.0f - weight), b = simd::Splat(weight);
  simd::ForEachVector(count, [=](size_t i, size_t n) {
    const Vec rest = hn::Mul(simd::LoadSome(first + i, n), a);
    simd::StoreSome(simd::MultiplyAdd(simd::LoadSome(next + i, n), b, rest),
                    to + i, n);
  });
}

// to += weight * row.
void AddRow(const float* row, float weight, size_t count, float* to) {
  const Vec factor = simd::Splat(weight);
  simd::ForEachVector(count, [=](size_t i, size_t n) {
    simd::StoreSome(simd::MultiplyAdd(simd::LoadSome(row + i, n), factor,
                                      simd::LoadSome(to + i, n)),
                    to + i, n);
  });
}

// Two rows of each thread.
size_t RowStride(const ResamplingGeometry& g) {
  return RoundUp(g.output_width(), kLineFloats);
}

// Whether rows keep their width, and their numbers with it.
bool KeepsRows(const ResamplingGeometry& g) {
  return g.output_width() == g.width;
}

// Rows of the input made as wide as the output, of which the last two are kept:
// the rows that follow are made of them.
class WideRows {
 public:
  WideRows(const ResamplingGeometry& g, const float* input, float* workspace)
      : g_(g), input_(input), workspace_(workspace) {}

  // Row `index` of all planes, counted from the first of the first plane.
  const float* Row(size_t index) {
    const float* row = input_ + index * g_.width;
    if (KeepsRows(g_)) return row;
    // Two that are neighbours differ by this.
    const size_t slot = index % 2;
    float* wide = workspace_ + slot * RowStride(g_);
    if (held_[slot] != index) ResampleRow(g_, row, wide);
    held_[slot] = index;
    return wide;
  }

 private:
  const ResamplingGeometry& g_;
  const float* input_;
  float* workspace_;
  size_t held_[2] = {SIZE_MAX, SIZE_MAX};
};

}  // namespace

void FillTaps(Interpolation interpolation, size_t size,
              std::span<ResamplingTap> taps) {
  const uint64_t twice = 2 * uint64_t{taps.size()};
  for (size_t i = 0; i < taps.size(); ++i) {
    // The centre is at place / twice pixels from the edge: in whole numbers, so
    // that no rounding moves one that lies on the edge of two pixels.
    const uint64_t place = (2 * uint64_t{i} + 1) * size;
    if (interpolation == Interpolation::kNearest) {
      taps[i] = {static_cast<uint32_t>(place / twice), 0.0f};
      continue;
    }
    // From the centre of the first pixel, half a pixel from the edge.
    const uint64_t half = taps.size();
    const uint64_t beyond = place < half ? 0 : place - half;
    const uint64_t from = beyond / twice;
    taps[i] = from >= size - 1
                  ? ResamplingTap{static_cast<uint32_t>(size - 1), 0.0f}
                  : ResamplingTap{
                        static_cast<uint32_t>(from),
                        static_cast<float>(static_cast<double>(beyond % twice) /
                                           static_cast<double>(twice))};
  }
}

size_t ResamplingWorkspace(const ThreadPool& pool,
                           const ResamplingGeometry& g) {
  return pool.ThreadCount() * 2 * RowStride(g);
}

void Resample(ThreadPool& pool, const ResamplingGeometry& g, size_t planes,
              const float* input, float* output, float* workspace) {
  const size_t height = g.output_height(), width = g.output_width();
  const size_t rows = planes * height;
  // Each task makes the first wide rows anew, so tasks are of many rows.
  const size_t grain = std::max<size_t>(16, 2 * kParallelFloats / width);
  const size_t tasks = pool.ThreadCount() == 1 ? 1 : (rows + grain - 1) / grain;
  pool.ParallelFor(tasks, [=, &g](size_t task, size_t thread) {
    WideRows wide(g, input, workspace + thread * 2 * RowStride(g));
    const size_t first = rows * task / tasks, end = rows * (task + 1) / tasks;
    float* to = output + first * width;
    size_t copied = SIZE_MAX;
    for (size_t row = first; row < end; ++row, to += width) {
      const ResamplingTap& tap = g.rows[row % height];
      const size_t from = row / height * g.height + tap.from;
      if (tap.weight != 0.0f) {
        const float* above = wide.Row(from);
        BlendRows(above, wide.Row(from + 1), tap.weight, width, to);
      } else if (from == copied) {
        simd::CopyRow(to - width, width, to);
      } else if (KeepsRows(g)) {
        simd::CopyRow(input + from * width, width, to);
        copied = from;
      } else {
        ResampleRow(g, input + from * g.width, to);
        copied = from;
      }
    }
  });
}

void ResampleGradient(ThreadPool& pool, const ResamplingGeometry& g,
                      size_t planes, const float* output_gradient,
                      float* input_gradient, float* workspace) {
  const size_t height = g.output_height(), width = g.output_width();
  const size_t tasks =
      pool.ThreadCount() == 1
          ? 1
          : std::min(planes, planes * height * width / kParallelFloats + 1);
  pool.ParallelFor(tasks, [=, &g](size_t task, size_t thread) {
    // Sums of what each of two neighbouring rows is given, as wide as the
    // output.
    float* sums = workspace + thread * 2 * RowStride(g);
    float* next = sums + RowStride(g);
    const size_t end = planes * (task + 1) / tasks;
    for (size_t plane = planes * task / tasks; plane < end; ++plane) {
      const float* gradient = output_gradient + plane * height * width;
      float* to = input_gradient + plane * g.height * g.width;
      simd::ZeroRow(width, sums);
      simd::ZeroRow(width, next);
      size_t y = 0;
      for (size_t row = 0; row < g.height; ++row, to += g.width) {
        for (; y < height && g.rows[y].from == row; ++y, gradient += width) {
          const float weight = g.rows[y].weight;
          AddRow(gradient, 1.0f - weight, width, sums);
          if (weight != 0.0f) AddRow(gradient, weight, width, next);
        }
        if (KeepsRows(g)) {
          simd::CopyRow(sums, width, to);
        } else {
          ResampleRowGradient(g, sums, to);
        }
        simd::ZeroRow(width, sums);
        std::swap(sums, next);
      }
    }
  });
}

}  // namespace lamella
