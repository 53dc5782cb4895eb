// Cuts of a kernel's work for several threads. Results never depend on the
// number of threads.
#ifndef LAMELLA_KERNELS_PARALLEL_INL_H_
#define LAMELLA_KERNELS_PARALLEL_INL_H_

#include <algorithm>
#include <cstddef>

#include "base/thread_pool.h"
#include "kernels/simd.h"
#include "kernels/workspace.h"

namespace lamella {

/// Work of fewer multiplications than this, 16 µs of one core at 50 GFLOP/s, is
/// left to the calling thread. An estimate of what waking another costs.
inline constexpr double kParallelProducts = 4e5;
/// Parts that work is cut into, per thread: more than one, for threads that are
/// slower or come late.
inline constexpr size_t kPartsPerThread = 2;
/// Floats that one thread takes at a time of work that is bound by memory:
/// 64 KiB, which take about 10 µs.
inline constexpr size_t kParallelFloats = 16384;

/// As `simd::ForEachVector`, on all threads.
template <typename Body>
void ParallelVectors(ThreadPool& pool, size_t size, const Body& body) {
  pool.ParallelRanges(size, kParallelFloats, [=](size_t first, size_t length) {
    simd::ForEachVector(
        length, [&](size_t i, size_t count) { body(first + i, count); });
  });
}

/// Calls `body(first, count)` for ranges of `rows` rows of `row_size` floats.
template <typename Body>
void ParallelRows(ThreadPool& pool, size_t rows, size_t row_size,
                  const Body& body) {
  const size_t grain =
      std::max<size_t>(1, kParallelFloats / std::max<size_t>(1, row_size));
  pool.ParallelRanges(rows, grain, body);
}

/// Calls `body(first, count, thread)` for slices of the batch whose results do
/// not depend on each other. `products` is the number of multiplications per
/// image.
template <typename Body>
void ForEachSlice(ThreadPool& pool, size_t batch, double products,
                  const Body& body) {
  const bool alone = pool.ThreadCount() == 1 ||
                     products * static_cast<double>(batch) < kParallelProducts;
  const size_t slices =
      alone ? 1 : std::min(batch, kPartsPerThread * pool.ThreadCount());
  pool.ParallelFor(slices, [=, &body](size_t slice, size_t thread) {
    const size_t first = batch * slice / slices;
    body(first, batch * (slice + 1) / slices - first, thread);
  });
}

/// Slices whose sums make up a gradient of `size` floats. Their number decides
/// how the sum is rounded, so it depends on the sizes alone, never on threads.
inline size_t GradientSlices(size_t batch, size_t size) {
  // Starting and ending a sum costs about as much as an image; eight threads
  // are the most that phones and laptops give to one page; 16 MiB of sums.
  constexpr size_t kImages = 8, kMost = 8, kFloats = size_t{1} << 22;
  return std::clamp(std::min(batch / kImages, kFloats / size), size_t{1},
                    kMost);
}

/// Floats of workspace for the sums of all slices.
inline size_t GradientSlicesSize(size_t batch, size_t size) {
  const size_t slices = GradientSlices(batch, size);
  return slices == 1 ? 0 : slices * RoundUp(size, kLineFloats);
}

/// Calls `body(first, count, thread, sum)` for slices of the batch, each of
/// which overwrites a `sum` of `size` floats of its own, and adds these up in
/// `gradient`. `sums` holds `GradientSlicesSize` floats.
template <typename Body>
void SumOverSlices(ThreadPool& pool, size_t batch, size_t size, float* sums,
                   float* gradient, const Body& body) {
  const size_t slices = GradientSlices(batch, size);
  const size_t stride = RoundUp(size, kLineFloats);
  pool.ParallelFor(slices, [=, &body](size_t slice, size_t thread) {
    const size_t first = batch * slice / slices;
    body(first, batch * (slice + 1) / slices - first, thread,
         slices == 1 ? gradient : sums + slice * stride);
  });
  if (slices > 1) std::copy_n(sums, size, gradient);
  for (size_t slice = 1; slice < slices; ++slice) {
    const float* sum = sums + slice * stride;
    for (size_t i = 0; i < size; ++i) gradient[i] += sum[i];
  }
}

}  // namespace lamella

#endif  // LAMELLA_KERNELS_PARALLEL_INL_H_
