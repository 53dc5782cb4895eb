// The parts of GEMM that convolution shares: tile and block sizes, packing,
// and the loop over packed panels around the micro-kernel.
#ifndef LAMELLA_KERNELS_GEMM_INL_H_
#define LAMELLA_KERNELS_GEMM_INL_H_

#include <algorithm>
#include <cassert>
#include <cstddef>

#include "kernels/gemm.h"
#include "kernels/simd.h"
#include "kernels/workspace.h"

namespace lamella::gemm {

using simd::kLanes;
using simd::Vec;

// Register tile: 2 rows of 4 vectors make 8 accumulators, 4 vectors of b and
// one of a: 13 live values, the most that V8 and SpiderMonkey keep in
// registers. Of the tiles that fit, 2x16 is the fastest in Firefox and in
// Node 20 and within 4 % of the fastest in V8 14 (shared/measured.md, 512^3).
inline constexpr size_t kTileRows = 2;
inline constexpr size_t kTileVectors = 4;
inline constexpr size_t kTileColumns = kTileVectors * kLanes;

// Depth of a packed block: a panel of b (256 x 16 floats, 16 KiB) stays in the
// first-level cache while the panels of a pass by.
inline constexpr size_t kBlockDepth = 256;
// Rows of a packed block of a: 128 x 256 floats, 128 KiB, fit a second-level
// cache.
inline constexpr size_t kBlockRows = 128;
// Columns of a packed block of b: 512 x 256 floats, 512 KiB.
inline constexpr size_t kBlockColumns = 512;

/// Copies one panel: `count` (at most kWidth) lines of `depth` elements, line
/// i at source + i * line_stride, become dst[depth][kWidth], zero where
/// lines are missing. Serves both operands: lines are rows of a, columns of b.
template <size_t kWidth>
HWY_INLINE void PackPanel(const float* source, size_t line_stride,
                          size_t depth_stride, size_t count, size_t depth,
                          float* HWY_RESTRICT dst) {
  assert(count >= 1 && count <= kWidth);
  if (count < kWidth) {
    for (size_t p = 0; p < depth; ++p) {
      for (size_t i = 0; i < kWidth; ++i) {
        dst[p * kWidth + i] =
            i < count ? source[i * line_stride + p * depth_stride] : 0.0f;
      }
    }
    return;
  }
  if (line_stride == 1) {
    for (size_t p = 0; p < depth; ++p) {
      std::copy_n(source + p * depth_stride, kWidth, dst + p * kWidth);
    }
    return;
  }
  for (size_t p = 0; p < depth; ++p) {
    for (size_t i = 0; i < kWidth; ++i) {
      dst[p * kWidth + i] = source[i * line_stride + p * depth_stride];
    }
  }
}

/// Packs `count` lines into consecutive panels of kWidth.
template <size_t kWidth>
HWY_INLINE void PackPanels(const float* source, size_t line_stride,
                           size_t depth_stride, size_t count, size_t depth,
                           float* dst) {
  for (size_t i = 0; i < count; i += kWidth) {
    PackPanel<kWidth>(source + i * line_stride, line_stride, depth_stride,
                      std::min(kWidth, count - i), depth, dst + i * depth);
  }
}

/// c[kTileRows, kTileColumns] = start + a * b over packed panels, where start
/// is c itself or, in the first block of the depth, the bias.
HWY_INLINE void MicroKernel(size_t depth, const float* HWY_RESTRICT a,
                            const float* HWY_RESTRICT b, float* c,
                            size_t c_stride, const GemmEpilogue& epilogue) {
  Vec sum[kTileRows][kTileVectors];
  for (size_t i = 0; i < kTileRows; ++i) {
    for (size_t j = 0; j < kTileVectors; ++j) {
      if (epilogue.accumulate) {
        sum[i][j] = simd::Load(c + i * c_stride + j * kLanes);
      } else if (epilogue.column_bias != nullptr) {
        sum[i][j] = simd::Load(epilogue.column_bias + j * kLanes);
      } else if (epilogue.row_bias != nullptr) {
        sum[i][j] = simd::Splat(epilogue.row_bias[i]);
      } else {
        sum[i][j] = simd::Splat(0.0f);
      }
    }
  }
  for (size_t p = 0; p < depth; ++p) {
    Vec b_row[kTileVectors];
    for (size_t j = 0; j < kTileVectors; ++j) {
      b_row[j] = simd::Load(b + j * kLanes);
    }
    for (size_t i = 0; i < kTileRows; ++i) {
      const Vec a_element = simd::Splat(a[i]);
      for (size_t j = 0; j < kTileVectors; ++j) {
        sum[i][j] = simd::MultiplyAdd(a_element, b_row[j], sum[i][j]);
      }
    }
    a += kTileRows;
    b += kTileColumns;
  }
  for (size_t i = 0; i < kTileRows; ++i) {
    for (size_t j = 0; j < kTileVectors; ++j) {
      simd::Store(sum[i][j], c + i * c_stride + j * kLanes);
    }
  }
}

/// A tile at the edge of c: only `rows` x `columns` of it exist, so it is
/// computed in a full tile of its own.
HWY_INLINE void EdgeTile(size_t depth, const float* a, const float* b, float* c,
                         size_t c_stride, size_t rows, size_t columns,
                         const GemmEpilogue& epilogue) {
  alignas(16) float tile[kTileRows * kTileColumns] = {};
  alignas(16) float column_bias[kTileColumns] = {};
  float row_bias[kTileRows] = {};
  GemmEpilogue padded = epilogue;
  if (epilogue.accumulate) {
    for (size_t i = 0; i < rows; ++i) {
      std::copy_n(c + i * c_stride, columns, tile + i * kTileColumns);
    }
  } else if (epilogue.column_bias != nullptr) {
    std::copy_n(epilogue.column_bias, columns, column_bias);
    padded.column_bias = column_bias;
  } else if (epilogue.row_bias != nullptr) {
    std::copy_n(epilogue.row_bias, rows, row_bias);
    padded.row_bias = row_bias;
  }
  MicroKernel(depth, a, b, tile, kTileColumns, padded);
  for (size_t i = 0; i < rows; ++i) {
    std::copy_n(tile + i * kTileColumns, columns, c + i * c_stride);
  }
}

/// c[rows, columns] = start + packed_a * packed_b for one block of the depth.
HWY_INLINE void MultiplyPacked(size_t rows, size_t columns, size_t depth,
                               const float* packed_a, const float* packed_b,
                               float* c, size_t c_stride,
                               const GemmEpilogue& epilogue) {
  for (size_t j = 0; j < columns; j += kTileColumns) {
    const float* b = packed_b + j * depth;
    for (size_t i = 0; i < rows; i += kTileRows) {
      const float* a = packed_a + i * depth;
      GemmEpilogue tile = epilogue;
      if (tile.column_bias != nullptr) tile.column_bias += j;
      if (tile.row_bias != nullptr) tile.row_bias += i;
      float* to = c + i * c_stride + j;
      if (i + kTileRows <= rows && j + kTileColumns <= columns) {
        MicroKernel(depth, a, b, to, c_stride, tile);
      } else {
        EdgeTile(depth, a, b, to, c_stride, std::min(kTileRows, rows - i),
                 std::min(kTileColumns, columns - j), tile);
      }
    }
  }
}

}  // namespace lamella::gemm

#endif  // LAMELLA_KERNELS_GEMM_INL_H_
