#include "kernels/im2col.h"

#include <algorithm>
#include <cassert>

namespace lamella {
namespace {

// Calls visit(pixel, column) for every run of window_size neighbouring pixels,
// in the order of the column matrix: where it begins in the images, and where
// in the columns.
template <typename Visit>
void ForEachRun(const WindowGeometry& g, size_t batch, const Visit& visit) {
  assert(g.stride >= 1 && g.window_size >= 1);
  assert(g.height >= g.window_size && g.width >= g.window_size);
  size_t column = 0;
  for (size_t n = 0; n < batch; ++n) {
    for (size_t y = 0; y < g.output_height(); ++y) {
      for (size_t x = 0; x < g.output_width(); ++x) {
        for (size_t c = 0; c < g.channels; ++c) {
          for (size_t row = 0; row < g.window_size; ++row) {
            const size_t image_row =
                (n * g.channels + c) * g.height + y * g.stride + row;
            visit(image_row * g.width + x * g.stride, column);
            column += g.window_size;
          }
        }
      }
    }
  }
}

}  // namespace

void Im2col(const WindowGeometry& g, size_t batch, const float* input,
            float* columns) {
  ForEachRun(g, batch, [=, &g](size_t pixel, size_t column) {
    std::copy_n(input + pixel, g.window_size, columns + column);
  });
}

void Col2im(const WindowGeometry& g, size_t batch, const float* columns,
            float* output) {
  std::fill_n(output, batch * g.channels * g.height * g.width, 0.0f);
  ForEachRun(g, batch, [=, &g](size_t pixel, size_t column) {
    for (size_t i = 0; i < g.window_size; ++i) {
      output[pixel + i] += columns[column + i];
    }
  });
}

}  // namespace lamella
