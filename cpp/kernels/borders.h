// Borders of zeros around images: put there, and taken away.
#ifndef LAMELLA_KERNELS_BORDERS_H_
#define LAMELLA_KERNELS_BORDERS_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

/// Sizes of a plane (one channel of one image) without its border, and of the
/// border.
struct BorderGeometry {
  size_t height;
  size_t width;
  size_t top;
  size_t bottom;
  size_t left;
  size_t right;

  size_t outer_height() const { return top + height + bottom; }
  size_t outer_width() const { return left + width + right; }
};

/// outer[planes, top + height + bottom, left + width + right] =
/// inner[planes, height, width] with zeros around each plane.
void AddBorder(ThreadPool& pool, const BorderGeometry& geometry, size_t planes,
               const float* inner, float* outer);

/// inner = `outer` without the border, whatever it holds.
void RemoveBorder(ThreadPool& pool, const BorderGeometry& geometry,
                  size_t planes, const float* outer, float* inner);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_BORDERS_H_
