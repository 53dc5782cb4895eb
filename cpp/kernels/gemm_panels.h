// The parts of GEMM that convolution shares: tile and block sizes, packing,
// and the loop over packed panels around the micro-kernel.
#ifndef LAMELLA_KERNELS_GEMM_PANELS_H_
#define LAMELLA_KERNELS_GEMM_PANELS_H_

#include <cstddef>

#include "kernels/gemm.h"
#include "kernels/simd.h"

namespace lamella::gemm {

using simd::kLanes;

// Register tile: 2 rows of 4 vectors make 8 accumulators, 4 vectors of b and
// one of a: 13 live values, the most that V8 and SpiderMonkey keep in registers
// where a product takes one of its own. Of the tiles that fit, 2x16 is the
// fastest in Firefox and in Node 20 (shared/measured.md, 512^3).
inline constexpr size_t kTileRows = 2;
inline constexpr size_t kTileVectors = 4;
inline constexpr size_t kTileColumns = kTileVectors * kLanes;

// Relaxed SIMD's multiply-add needs no register for the product, which leaves
// room for 6 rows of half a panel. Their 12 accumulators hide the latency of a
// multiply-add (four cycles, two a cycle). Measured (Node 24, Sapphire Rapids):
// 512^3 takes 9 % less, 64 x 784 x 128 8 %; in the old V8 of Node 20, which
// keeps fewer values in registers, 7 % more. Up to kInPlaceRows rows, where b
// is read in place, the tile is not used: it fetches each line of b once for
// either half, and 16 x 72 x 12544 takes 28 % more (others between 14 % less
// and 7 % more).
inline constexpr size_t kTallRows = 6;
inline constexpr size_t kTallVectors = 2;
inline constexpr size_t kTallColumns = kTallVectors * kLanes;

// Depth of a packed block. Each block reads c and writes it back, and a tile
// waits until c has come from memory, so a few deep blocks are better: 1024^3
// takes 12 % less than with blocks 256 deep, although a panel of b, 64 KiB
// instead of 16, then comes from the second-level cache and not from the first.
inline constexpr size_t kBlockDepth = 1024;
// Rows of a block of a: 64 x 1024 floats, 256 KiB, which stay in a second-level
// cache while the panels pass by. 32 to 96 rows are within 3 %.
inline constexpr size_t kBlockRows = 64;
// Columns of a packed block of b: 1024 x 128 floats, 512 KiB. 256 and 384 are
// within 3 %.
inline constexpr size_t kBlockColumns = 128;
// Products with at most so many rows of a read b in place. Measured (Node 24,
// relaxed): 16 x 72 x 12544 runs at 40 GFLOP/s in place and at 34 packed.
inline constexpr size_t kInPlaceRows = 16;
// Depth of a block of b that is read in place. Its rows lie in as many pages:
// 16 x 1024 x 512 takes 1.8 times as long in one block of the whole depth.
inline constexpr size_t kInPlaceDepth = 256;

/// Packs `count` lines of `depth` elements, line i at source + i * line_stride,
/// into consecutive panels: `width` lines become [depth][width], zero where
/// lines are missing. With a width of kTileColumns it packs columns of b; with
/// one as wide as there are lines it transposes.
void PackPanels(size_t width, const float* source, size_t line_stride,
                size_t depth_stride, size_t count, size_t depth, float* dst);

/// A block of b as panels of kTileColumns columns: packed, or in place in a
/// row-major matrix.
struct BlockOfB {
  static BlockOfB Packed(const float* data, size_t depth) {
    return {data, depth * kTileColumns, kTileColumns};
  }
  static BlockOfB InPlace(const float* data, size_t row_stride) {
    return {data, kTileColumns, row_stride};
  }

  const float* data;
  size_t panel_stride;
  size_t row_stride;
};

/// c[rows, columns] = start + a * b for one block of the depth, where start is
/// c itself or, in the first block of the depth, the bias.
void MultiplyBlock(size_t rows, size_t columns, size_t depth,
                   const MatrixView& a, const BlockOfB& b, float* c,
                   size_t c_stride, const GemmEpilogue& epilogue);

}  // namespace lamella::gemm

#endif  // LAMELLA_KERNELS_GEMM_PANELS_H_
