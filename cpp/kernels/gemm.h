// General matrix multiplication, the kernel under every dense and
// convolutional layer.
#ifndef LAMELLA_KERNELS_GEMM_H_
#define LAMELLA_KERNELS_GEMM_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

/// A matrix in memory: element (i, j) is at data[i * row_stride + j *
/// column_stride]. Swapping the strides transposes it, so every transpose case
/// of GEMM is a matter of views.
struct MatrixView {
  const float* data;
  size_t row_stride;
  size_t column_stride;

  MatrixView Transposed() const { return {data, column_stride, row_stride}; }
};

/// The result starts from c, from a bias or from 0, and may end with a
/// rectifier.
struct GemmEpilogue {
  /// Adds to what `c` holds instead of overwriting it; excludes the biases.
  bool accumulate = false;
  /// One number per row (m) or per column (n) to start from, or null.
  const float* row_bias = nullptr;
  const float* column_bias = nullptr;
  /// Stores max(x, 0).
  bool rectify = false;
};

/// Floats of workspace that `Gemm` needs for a product of this size, on so many
/// threads as the pool has.
size_t GemmWorkspaceSize(const ThreadPool& pool, size_t m, size_t n, size_t k);

/// c[m, n] = a[m, k] * b[k, n] (+ c, or + bias), on the pool's threads. `c` is
/// row-major with `c_stride` floats from row to row and overlaps neither input.
/// `workspace` holds `GemmWorkspaceSize` floats, 64-byte aligned.
///
/// Method: Goto, van de Geijn, "Anatomy of high-performance matrix
/// multiplication", ACM TOMS 34(3), 2008: blocks of b are packed into panels
/// that the register-tiled micro-kernel reads front to back, once for every few
/// rows of a.
void Gemm(ThreadPool& pool, size_t m, size_t n, size_t k, MatrixView a,
          MatrixView b, float* c, size_t c_stride, const GemmEpilogue& epilogue,
          float* workspace);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_GEMM_H_
