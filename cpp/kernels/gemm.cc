#include "kernels/gemm.h"

#include "kernels/gemm-inl.h"

namespace lamella {

using namespace gemm;  // NOLINT: this file is that namespace's front.

size_t GemmWorkspaceSize(size_t m, size_t n, size_t k) {
  const size_t depth = std::min(k, kBlockDepth);
  const size_t rows = RoundUp(std::min(m, kBlockRows), kTileRows);
  const size_t columns = RoundUp(std::min(n, kBlockColumns), kTileColumns);
  // Both parts rounded up to a cache line so that the second is aligned too.
  return RoundUp(depth * rows, kLineFloats) + depth * columns;
}

void Gemm(size_t m, size_t n, size_t k, MatrixView a, MatrixView b, float* c,
          size_t c_stride, const GemmEpilogue& epilogue, float* workspace) {
  assert(c_stride >= n || m <= 1);
  assert(!epilogue.accumulate ||
         (epilogue.row_bias == nullptr && epilogue.column_bias == nullptr));
  const size_t block_rows = RoundUp(std::min(m, kBlockRows), kTileRows);
  float* packed_a = workspace;
  float* packed_b =
      workspace + RoundUp(std::min(k, kBlockDepth) * block_rows, kLineFloats);

  for (size_t j = 0; j < n; j += kBlockColumns) {
    const size_t columns = std::min(kBlockColumns, n - j);
    // A depth of zero still has to write the bias, hence do-while.
    size_t p = 0;
    do {
      const size_t depth = std::min(kBlockDepth, k - p);
      PackPanels<kTileColumns>(b.data + p * b.row_stride + j * b.column_stride,
                               b.column_stride, b.row_stride, columns, depth,
                               packed_b);
      GemmEpilogue block = epilogue;
      if (p > 0) block = {.accumulate = true};
      if (block.column_bias != nullptr) block.column_bias += j;
      for (size_t i = 0; i < m; i += kBlockRows) {
        const size_t rows = std::min(kBlockRows, m - i);
        PackPanels<kTileRows>(a.data + i * a.row_stride + p * a.column_stride,
                              a.row_stride, a.column_stride, rows, depth,
                              packed_a);
        GemmEpilogue part = block;
        if (part.row_bias != nullptr) part.row_bias += i;
        MultiplyPacked(rows, columns, depth, packed_a, packed_b,
                       c + i * c_stride + j, c_stride, part);
      }
      p += depth;
    } while (p < k);
  }
}

}  // namespace lamella
