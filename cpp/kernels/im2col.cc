#include "kernels/im2col.h"

#include <algorithm>
#include <cassert>

namespace lamella {
namespace {

// Both directions in one walk over the runs of window_size neighbouring pixels,
// in the order of the column matrix: copies them from images to columns, or
// adds those of columns to images.
void MoveRuns(const WindowGeometry& g, size_t batch, bool to_columns,
              const float* from, float* to) {
  assert(g.stride >= 1 && g.window_size >= 1);
  assert(g.height >= g.window_size && g.width >= g.window_size);
  size_t at = 0;  // in the column matrix
  for (size_t n = 0; n < batch; ++n) {
    for (size_t y = 0; y < g.output_height(); ++y) {
      for (size_t x = 0; x < g.output_width(); ++x) {
        for (size_t c = 0; c < g.channels; ++c) {
          for (size_t row = 0; row < g.window_size; ++row) {
            const size_t pixel =
                ((n * g.channels + c) * g.height + y * g.stride + row) *
                    g.width +
                x * g.stride;
            for (size_t i = 0; i < g.window_size; ++i, ++at) {
              if (to_columns) {
                to[at] = from[pixel + i];
              } else {
                to[pixel + i] += from[at];
              }
            }
          }
        }
      }
    }
  }
}

}  // namespace

void Im2col(const WindowGeometry& geometry, size_t batch, const float* input,
            float* columns) {
  MoveRuns(geometry, batch, true, input, columns);
}

void Col2im(const WindowGeometry& geometry, size_t batch, const float* columns,
            float* output) {
  std::fill_n(output,
              batch * geometry.channels * geometry.height * geometry.width,
              0.0f);
  MoveRuns(geometry, batch, false, columns, output);
}

}  // namespace lamella
