#include "kernels/gemm_panels.h"

#include <algorithm>
#include <cassert>

#include "kernels/rectifier-inl.h"

namespace lamella::gemm {
namespace {

using simd::Vec;

// dst[kLanes][kWidth] from kWidth lines of kLanes contiguous elements.
template <size_t kWidth>
HWY_INLINE void PackSquares(const float* source, size_t line_stride,
                            float* HWY_RESTRICT dst) {
  if constexpr (kWidth == 2) {
    const simd::Floats d;
    const Vec first = simd::Load(source);
    const Vec second = simd::Load(source + line_stride);
    simd::Store(simd::hn::InterleaveLower(d, first, second), dst);
    simd::Store(simd::hn::InterleaveUpper(d, first, second), dst + kLanes);
  } else {
    static_assert(kWidth % kLanes == 0);
    for (size_t i = 0; i < kWidth; i += kLanes) {
      Vec square[kLanes];
      for (size_t l = 0; l < kLanes; ++l) {
        square[l] = simd::Load(source + (i + l) * line_stride);
      }
      simd::Transpose(square);
      for (size_t l = 0; l < kLanes; ++l) {
        simd::Store(square[l], dst + l * kWidth + i);
      }
    }
  }
}

// Copies one panel: `count` (at most kWidth) lines of `depth` elements, line
// i at source + i * line_stride, become dst[depth][kWidth], zero where
// lines are missing. Serves both operands: lines are rows of a, columns of b.
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
  size_t p = 0;
  if (depth_stride == 1) {
    for (; p + kLanes <= depth; p += kLanes) {
      PackSquares<kWidth>(source + p, line_stride, dst + p * kWidth);
    }
  }
  for (; p < depth; ++p) {
    for (size_t i = 0; i < kWidth; ++i) {
      dst[p * kWidth + i] = source[i * line_stride + p * depth_stride];
    }
  }
}

// c[kTileRows, kTileColumns] = start + a * b, where a is a packed panel, the
// rows of b are `b_stride` apart (kTileColumns in a packed panel), and start
// is c itself or, in the first block of the depth, the bias.
HWY_INLINE void MicroKernel(size_t depth, const float* HWY_RESTRICT a,
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
    b += b_stride;
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
// computed in a full tile of its own.
void EdgeTile(size_t depth, const float* a, const float* b, size_t b_stride,
              float* c, size_t c_stride, size_t rows, size_t columns,
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
  MicroKernel(depth, a, b, b_stride, tile, kTileColumns, padded);
  for (size_t i = 0; i < rows; ++i) {
    std::copy_n(tile + i * kTileColumns, columns, c + i * c_stride);
  }
}

}  // namespace

template <size_t kWidth>
void PackPanels(const float* source, size_t line_stride, size_t depth_stride,
                size_t count, size_t depth, float* dst) {
  for (size_t i = 0; i < count; i += kWidth) {
    PackPanel<kWidth>(source + i * line_stride, line_stride, depth_stride,
                      std::min(kWidth, count - i), depth, dst + i * depth);
  }
}

template void PackPanels<kTileRows>(const float*, size_t, size_t, size_t,
                                    size_t, float*);
template void PackPanels<kTileColumns>(const float*, size_t, size_t, size_t,
                                       size_t, float*);

void MultiplyPacked(size_t rows, size_t columns, size_t depth,
                    const float* packed_a, const BlockOfB& b, float* c,
                    size_t c_stride, const GemmEpilogue& epilogue) {
  const float* panel = b.data;
  for (size_t j = 0; j < columns; j += kTileColumns, panel += b.panel_stride) {
    for (size_t i = 0; i < rows; i += kTileRows) {
      const float* a = packed_a + i * depth;
      GemmEpilogue tile = epilogue;
      if (tile.column_bias != nullptr) tile.column_bias += j;
      if (tile.row_bias != nullptr) tile.row_bias += i;
      float* to = c + i * c_stride + j;
      if (i + kTileRows <= rows && j + kTileColumns <= columns) {
        MicroKernel(depth, a, panel, b.row_stride, to, c_stride, tile);
      } else {
        EdgeTile(depth, a, panel, b.row_stride, to, c_stride,
                 std::min(kTileRows, rows - i),
                 std::min(kTileColumns, columns - j), tile);
      }
    }
  }
}

}  // namespace lamella::gemm
