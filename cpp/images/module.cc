// The WebAssembly module of lamella/images: C functions on its own memory,
// which JavaScript fills and reads. Emscripten adds malloc and free.
#include <emscripten.h>

#include <cstddef>
#include <cstdint>

#include "kernels/resize.h"

namespace {

lamella::ResizeGeometry Geometry(size_t height, size_t width, size_t channels,
                                 size_t row_bytes, size_t output_height,
                                 size_t output_width, size_t output_channels) {
  return {.height = height,
          .width = width,
          .channels = channels,
          .row_bytes = row_bytes,
          .output_height = output_height,
          .output_width = output_width,
          .output_channels = output_channels};
}

}  // namespace

extern "C" {

/// Bytes of workspace for a picture of these sizes.
EMSCRIPTEN_KEEPALIVE double resizeWorkspace(size_t height, size_t width,
                                            size_t output_height,
                                            size_t output_width) {
  const uint64_t floats = lamella::ResizeWorkspace(
      Geometry(height, width, 4, 0, output_height, output_width, 4));
  return static_cast<double>(floats * sizeof(float));
}

/// `lamella::Resize` of the part that begins at `pixels`.
EMSCRIPTEN_KEEPALIVE void resize(const uint8_t* pixels, size_t height,
                                 size_t width, size_t channels,
                                 size_t row_bytes, float* output,
                                 size_t output_height, size_t output_width,
                                 size_t output_channels, float scale,
                                 float* workspace) {
  lamella::Resize(Geometry(height, width, channels, row_bytes, output_height,
                           output_width, output_channels),
                  pixels, scale, workspace, output);
}
}
