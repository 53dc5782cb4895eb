// Images of other sizes, by interpolation between pixels, which are squares
// with a centre: pixel i of n lies at (i + 1/2) / n of the image. Nothing is
// antialiased.
#ifndef LAMELLA_KERNELS_RESAMPLING_H_
#define LAMELLA_KERNELS_RESAMPLING_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/thread_pool.h"

namespace lamella {

enum class Interpolation {
  kNearest,  ///< The pixel that an output pixel's centre lies in.
  kBilinear  ///< Between the centres around it; beyond the last ones, these.
};

/// The pixels along an axis that an output pixel is made of: (1 - weight) of
/// one and `weight` of the next, which need not be there where that is 0.
struct ResamplingTap {
  uint32_t from;
  float weight;
};

/// The taps of all output pixels along an axis of `size` pixels, in their
/// order, along which `from` never falls. Sizes are from 1 to 2^31.
void FillTaps(Interpolation interpolation, size_t size,
              std::span<ResamplingTap> taps);

/// Sizes of a plane (one channel of one image), and the taps of each row and
/// column of what it becomes.
struct ResamplingGeometry {
  size_t height;
  size_t width;
  std::span<const ResamplingTap> rows;
  std::span<const ResamplingTap> columns;

  size_t output_height() const { return rows.size(); }
  size_t output_width() const { return columns.size(); }
};

/// Floats of workspace that the functions below take.
size_t ResamplingWorkspace(const ThreadPool& pool,
                           const ResamplingGeometry& geometry);

/// output[planes, rows, columns] of input[planes, height, width]. Where a
/// weight is 0 the other pixel does not count, be it infinite.
void Resample(ThreadPool& pool, const ResamplingGeometry& geometry,
              size_t planes, const float* input, float* output,
              float* workspace);

/// The gradient of `Resample`, overwritten: each output gradient shared among
/// the pixels that its output was made of.
void ResampleGradient(ThreadPool& pool, const ResamplingGeometry& geometry,
                      size_t planes, const float* output_gradient,
                      float* input_gradient, float* workspace);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_RESAMPLING_H_
