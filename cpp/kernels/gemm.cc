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

  // Few rows of a use a panel of b only a few times: then packing it costs
  // more than reading it where it is. Its last, narrow panel is packed anyway.
  const bool in_place = b.column_stride == 1 && m <= kInPlaceRows;

  for (size_t j = 0; j < n; j += kBlockColumns) {
    const size_t columns = std::min(kBlockColumns, n - j);
    const size_t unpacked =
        in_place ? columns / kTileColumns * kTileColumns : 0;
    // A depth of zero still has to write the bias, hence do-while.
    size_t p = 0;
    do {
      const size_t depth = std::min(kBlockDepth, k - p);
      const float* b_block = b.data + p * b.row_stride + j * b.column_stride;
      PackPanels<kTileColumns>(b_block + unpacked * b.column_stride,
                               b.column_stride, b.row_stride,
                               columns - unpacked, depth, packed_b);
      for (size_t i = 0; i < m; i += kBlockRows) {
        const size_t rows = std::min(kBlockRows, m - i);
        PackPanels<kTileRows>(a.data + i * a.row_stride + p * a.column_stride,
                              a.row_stride, a.column_stride, rows, depth,
                              packed_a);
        const auto multiply = [&](size_t first, size_t count,
                                  const BlockOfB& panels) {
          GemmEpilogue part = epilogue;
          if (p > 0) part = {.accumulate = true};
          if (part.row_bias != nullptr) part.row_bias += i;
          if (part.column_bias != nullptr) part.column_bias += j + first;
          MultiplyPacked(rows, count, depth, packed_a, panels,
                         c + i * c_stride + j + first, c_stride, part);
        };
        multiply(0, unpacked, BlockOfB::InPlace(b_block, b.row_stride));
        multiply(unpacked, columns - unpacked,
                 BlockOfB::Packed(packed_b, depth));
      }
      p += depth;
    } while (p < k);
  }
}

}  // namespace lamella
