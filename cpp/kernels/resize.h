// Pixels of pictures made the numbers of a tensor, at another size.
#ifndef LAMELLA_KERNELS_RESIZE_H_
#define LAMELLA_KERNELS_RESIZE_H_

#include <cstddef>
#include <cstdint>

namespace lamella {

/// Sizes of a picture, or of a part of one, and of what it becomes. No size is
/// 0, and there are at most 65,535 rows and columns before.
struct ResizeGeometry {
  size_t height;
  size_t width;
  /// Bytes of a pixel: 1 (grey), 3 (red, green, blue) or 4 (and opacity).
  size_t channels;
  /// Bytes from one row to the next.
  size_t row_bytes;
  size_t output_height;
  size_t output_width;
  /// 1, 3 or 4.
  size_t output_channels;
};

/// Floats that `Resize` works in, which may be more than there are addresses.
uint64_t ResizeWorkspace(const ResizeGeometry& geometry);

/// output[channels, height, width] = scale * the pixels, each a mean of those
/// around its place, weighted by a triangle as wide as two output pixels, or
/// two input pixels where these are larger: bilinear interpolation, which is
/// antialiased where pictures become smaller (as Pillow's BILINEAR and
/// PyTorch's `interpolate(antialias=True)`). At the same size nothing changes.
/// Grey of colours is 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601); what
/// has no opacity has 255. `pixels` has a byte beyond the last pixel.
void Resize(const ResizeGeometry& geometry, const uint8_t* pixels, float scale,
            float* workspace, float* output);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_RESIZE_H_
