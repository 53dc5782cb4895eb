#include "kernels/gemm_panels.h"

#include <algorithm>
#include <cassert>

#include "kernels/elementwise.h"
#include "kernels/micro_kernel-inl.h"

namespace lamella::gemm {
namespace {

using simd::Vec;

// c[kRows, kVectors * kLanes] = start + a * b, where element (i, p) of a is at
// a[i * a_row_stride + p * a_depth_stride], the rows of b are `b_stride` apart,
// and start is zero or c itself.
template <size_t kRows, size_t kVectors>
HWY_INLINE void MicroKernel(size_t depth, const float* HWY_RESTRICT a,
                            size_t a_row_stride, size_t a_depth_stride,
                            const float* HWY_RESTRICT b, size_t b_stride,
                            float* c, size_t c_stride, bool from_zero) {
  simd::Tile<kRows, kVectors> sum;
  simd::Clear<kRows, kVectors>(sum);
  simd::AddProducts<kRows, kVectors>(
      simd::MatrixStep(depth, a, a_row_stride, a_depth_stride, b, b_stride),
      sum);
#pragma clang loop unroll(full)
  for (size_t i = 0; i < kRows; ++i) {
#pragma clang loop unroll(full)
    for (size_t j = 0; j < kVectors; ++j) {
      float* to = c + i * c_stride + j * kLanes;
      // Added at the end, since shorter chains of additions round less.
      if (!from_zero) sum[i][j] = simd::hn::Add(sum[i][j], simd::Load(to));
      simd::Store(sum[i][j], to);
    }
  }
}

// Fills rows of c with the bias, to which the product is then added.
void WriteBias(size_t rows, size_t columns, const GemmEpilogue& epilogue,
               float* c, size_t c_stride) {
  for (size_t i = 0; i < rows; ++i, c += c_stride) {
    if (epilogue.column_bias != nullptr) {
      std::copy_n(epilogue.column_bias, columns, c);
    } else {
      std::fill_n(c, columns, epilogue.row_bias[i]);
    }
  }
}

// A tile at the edge of c: only `rows` x `columns` of it exist, so it is
// computed in a whole tile of its own.
void EdgeTile(size_t depth, MatrixView a, const BlockOfB& b, float* c,
              size_t c_stride, size_t rows, size_t columns, bool from_zero) {
  float tile[kTileRows * kTileColumns] = {};
  for (size_t i = 0; i < rows && !from_zero; ++i) {
    std::copy_n(c + i * c_stride, columns, tile + i * kTileColumns);
  }
  // If one row is left, the second aliases it (stride 0), so nothing beyond `a`
  // is read; its result is dropped.
  static_assert(kTileRows == 2, "of two rows, one may be missing");
  if (rows < kTileRows) a.row_stride = 0;
  MultiplyBlock(kTileRows, kTileColumns, depth, a, b, tile, kTileColumns,
                {.accumulate = true});
  for (size_t i = 0; i < rows; ++i) {
    std::copy_n(tile + i * kTileColumns, columns, c + i * c_stride);
  }
}

}  // namespace

void PackPanels(size_t width, const float* source, size_t line_stride,
                size_t depth_stride, size_t count, size_t depth, float* dst) {
  for (size_t first = 0; first < count; first += width) {
    const float* lines = source + first * line_stride;
    const size_t own = std::min(width, count - first);
    const size_t vectors = own / kLanes * kLanes;
    if (own < width) std::fill_n(dst, depth * width, 0.0f);
    for (size_t p = 0; p < depth; p += kLanes) {
      const size_t steps = std::min(kLanes, depth - p);
      const float* from = lines + p * depth_stride;
      size_t i = 0;
      if (line_stride == 1) {
        for (; i < vectors; i += kLanes) {
          for (size_t s = 0; s < steps; ++s) {
            simd::Store(simd::Load(from + s * depth_stride + i),
                        dst + s * width + i);
          }
        }
      } else if (depth_stride == 1 && steps == kLanes) {
        for (; i < vectors; i += kLanes) {
          Vec square[kLanes];
#pragma clang loop unroll(full)
          for (size_t l = 0; l < kLanes; ++l) {
            square[l] = simd::Load(from + (i + l) * line_stride);
          }
          simd::Transpose(square);
#pragma clang loop unroll(full)
          for (size_t l = 0; l < kLanes; ++l) {
            simd::Store(square[l], dst + l * width + i);
          }
        }
      }
      for (; i < own; ++i) {
        for (size_t s = 0; s < steps; ++s) {
          dst[s * width + i] = from[i * line_stride + s * depth_stride];
        }
      }
      dst += steps * width;
    }
  }
}

void MultiplyBlock(size_t rows, size_t columns, size_t depth,
                   const MatrixView& a, const BlockOfB& b, float* c,
                   size_t c_stride, const GemmEpilogue& epilogue) {
  const bool biased =
      epilogue.row_bias != nullptr || epilogue.column_bias != nullptr;
  assert(!epilogue.accumulate || !biased);
  if (biased) WriteBias(rows, columns, epilogue, c, c_stride);
  const bool from_zero = !epilogue.accumulate && !biased;
  const float* panel = b.data;
  for (size_t j = 0; j < columns; j += kTileColumns, panel += b.panel_stride) {
    const bool whole = j + kTileColumns <= columns;
    const float* from = a.data;
    float* to = c + j;
    size_t i = 0;
#if LAMELLA_RELAXED_SIMD
    for (; rows > kInPlaceRows && whole && i + kTallRows <= rows;
         i += kTallRows) {
      for (size_t half = 0; half < kTileColumns; half += kTallColumns) {
        MicroKernel<kTallRows, kTallVectors>(
            depth, from, a.row_stride, a.column_stride, panel + half,
            b.row_stride, to + half, c_stride, from_zero);
      }
      from += kTallRows * a.row_stride;
      to += kTallRows * c_stride;
    }
#endif
    for (; i < rows; i += kTileRows) {
      if (whole && i + kTileRows <= rows) {
        MicroKernel<kTileRows, kTileVectors>(
            depth, from, a.row_stride, a.column_stride, panel, b.row_stride, to,
            c_stride, from_zero);
      } else {
        EdgeTile(depth, {from, a.row_stride, a.column_stride},
                 {panel, b.panel_stride, b.row_stride}, to, c_stride,
                 std::min(kTileRows, rows - i),
                 std::min(kTileColumns, columns - j), from_zero);
      }
      from += kTileRows * a.row_stride;
      to += kTileRows * c_stride;
    }
  }
  // After the tiles, not in them: it takes 0.1 % of mlp-step, and the tiles
  // stay plain.
  for (size_t i = 0; i < rows && epilogue.rectify; ++i) {
    RectifyInPlace(c + i * c_stride, columns);
  }
}

}  // namespace lamella::gemm
