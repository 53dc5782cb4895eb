#include "kernels/im2col.h"

#include <algorithm>
#include <cassert>

namespace lamella {
namespace {

// Calls visit(pixel, run) for every run of window_size neighbouring pixels, in
// the order of the column matrix; `pixel` is the run's offset in the image.
template <typename Visit>
void ForEachRun(const WindowGeometry& g, size_t batch, Visit&& visit) {
  assert(g.stride >= 1 && g.window_size >= 1);
  assert(g.height >= g.window_size && g.width >= g.window_size);
  for (size_t n = 0; n < batch; ++n) {
    for (size_t y = 0; y < g.output_height(); ++y) {
      for (size_t x = 0; x < g.output_width(); ++x) {
        for (size_t c = 0; c < g.channels; ++c) {
          for (size_t row = 0; row < g.window_size; ++row) {
            visit(((n * g.channels + c) * g.height + y * g.stride + row) *
                      g.width +
                  x * g.stride);
          }
        }
      }
    }
  }
}

}  // namespace

void Im2col(const WindowGeometry& geometry, size_t batch, const float* input,
            float* columns) {
  ForEachRun(geometry, batch, [&](size_t pixel) {
    columns = std::copy_n(input + pixel, geometry.window_size, columns);
  });
}

void Col2im(const WindowGeometry& geometry, size_t batch, const float* columns,
            float* output) {
  std::fill_n(output,
              batch * geometry.channels * geometry.height * geometry.width,
              0.0f);
  ForEachRun(geometry, batch, [&](size_t pixel) {
    for (size_t i = 0; i < geometry.window_size; ++i) {
      output[pixel + i] += *columns++;
    }
  });
}

}  // namespace lamella
