#include "kernels/gemm_panels.h"

#include <algorithm>

#include "kernels/rectifier-inl.h"

namespace lamella::gemm {
namespace {

using simd::Vec;

// c[kTileRows, kTileColumns] = start + a * b, where element (i, p) of a is at
// a[i * a_row_stride + p * a_depth_stride], the rows of b are `b_stride` apart,
// and start is c itself or, in the first block of the depth, the bias.
HWY_INLINE void MicroKernel(size_t depth, const float* HWY_RESTRICT a,
                            size_t a_row_stride, size_t a_depth_stride,
                            const float* HWY_RESTRICT b, size_t b_stride,
                            float* c, size_t c_stride,
                            const GemmEpilogue& epilogue) {
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
  // Without a counter: 3 % at 512^3.
  const float* const end = a + depth * a_depth_stride;
  for (; a != end; a += a_depth_stride, b += b_stride) {
    Vec b_row[kTileVectors];
    for (size_t j = 0; j < kTileVectors; ++j) {
      b_row[j] = simd::Load(b + j * kLanes);
    }
    for (size_t i = 0; i < kTileRows; ++i) {
      const Vec a_element = simd::Splat(a[i * a_row_stride]);
      for (size_t j = 0; j < kTileVectors; ++j) {
        sum[i][j] = simd::MultiplyAdd(a_element, b_row[j], sum[i][j]);
      }
    }
  }
  if (epilogue.rectify) {
    for (auto& row : sum) {
      for (Vec& each : row) each = simd::Rectify(each);
    }
  }
  for (size_t i = 0; i < kTileRows; ++i) {
    for (size_t j = 0; j < kTileVectors; ++j) {
      simd::Store(sum[i][j], c + i * c_stride + j * kLanes);
    }
  }
}

// A tile at the edge of c: only `rows` x `columns` of it exist, so it is
// computed in a whole tile of its own.
void EdgeTile(size_t depth, MatrixView a, const BlockOfB& b, float* c,
              size_t c_stride, size_t rows, size_t columns,
              GemmEpilogue epilogue) {
  float tile[kTileRows * kTileColumns] = {};
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < columns; ++j) {
      float& start = tile[i * kTileColumns + j];
      if (epilogue.accumulate) {
        start = c[i * c_stride + j];
      } else if (epilogue.column_bias != nullptr) {
        start = epilogue.column_bias[j];
      } else if (epilogue.row_bias != nullptr) {
        start = epilogue.row_bias[i];
      }
    }
  }
  // Nothing is read in the place of a missing row: the first takes it.
  static_assert(kTileRows == 2, "of two rows, one may be missing");
  if (rows < kTileRows) a.row_stride = 0;
  MultiplyBlock(kTileRows, kTileColumns, depth, a, b, tile, kTileColumns,
                {.accumulate = true, .rectify = epilogue.rectify});
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
          for (size_t l = 0; l < kLanes; ++l) {
            square[l] = simd::Load(from + (i + l) * line_stride);
          }
          simd::Transpose(square);
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
  BlockOfB panel = b;
  for (size_t j = 0; j < columns; j += kTileColumns) {
    GemmEpilogue tile = epilogue;
    if (tile.column_bias != nullptr) tile.column_bias += j;
    MatrixView a_rows = a;
    for (size_t i = 0; i < rows; i += kTileRows) {
      float* to = c + i * c_stride + j;
      if (i + kTileRows <= rows && j + kTileColumns <= columns) {
        MicroKernel(depth, a_rows.data, a_rows.row_stride, a_rows.column_stride,
                    panel.data, panel.row_stride, to, c_stride, tile);
      } else {
        EdgeTile(depth, a_rows, panel, to, c_stride,
                 std::min(kTileRows, rows - i),
                 std::min(kTileColumns, columns - j), tile);
      }
      a_rows.data += kTileRows * a.row_stride;
      if (tile.row_bias != nullptr) tile.row_bias += kTileRows;
    }
    panel.data += b.panel_stride;
  }
}

}  // namespace lamella::gemm
