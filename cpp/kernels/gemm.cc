#include "kernels/gemm.h"

#include <algorithm>
#include <cassert>

#include "kernels/elementwise.h"
#include "kernels/gemm_panels.h"
#include "kernels/parallel-inl.h"

namespace lamella {

using namespace gemm;  // NOLINT: this file is that namespace's front.

namespace {

// A sum of more products than kLongSum is made of parts of kPartOfSum, added up
// with compensation: 10^7 equal terms are then off by less than 10^-5 of their
// sum, where one float32 sum in a row is off by 10^-2. Shorter sums are good
// enough in a row, and faster.
constexpr size_t kLongSum = size_t{1} << 14, kPartOfSum = 256;

// Workspace of one thread.
size_t PartWorkspaceSize(size_t m, size_t n, size_t k) {
  const size_t depth = std::min(k, kBlockDepth);
  const size_t columns = RoundUp(std::min(n, kBlockColumns), kTileColumns);
  return depth * columns +
         RoundUp(depth, kLineFloats) * std::min(m, kBlockRows);
}

// The product on one thread. `few_rows` says whether the whole product, of
// which this may be a part, has at most kInPlaceRows: it decides the depth of
// blocks, and so the bits, which must not depend on the number of parts.
void MultiplyPart(size_t m, size_t n, size_t k, MatrixView a, MatrixView b,
                  float* c, size_t c_stride, const GemmEpilogue& epilogue,
                  bool few_rows, float* workspace) {
  float* packed_b = workspace;
  float* packed_a =
      packed_b + std::min(k, kBlockDepth) *
                     RoundUp(std::min(n, kBlockColumns), kTileColumns);

  // Few rows of a use a panel of b only a few times: then packing it costs
  // more than reading it where it is. Its last, narrow panel is packed anyway.
  const bool in_place = b.column_stride == 1 && few_rows;
  const size_t most_depth = in_place ? kInPlaceDepth : kBlockDepth;

  for (size_t j = 0; j < n; j += kBlockColumns) {
    const size_t columns = std::min(kBlockColumns, n - j);
    const size_t unpacked =
        in_place ? columns / kTileColumns * kTileColumns : 0;
    // A depth of zero still has to write the bias, hence do-while.
    size_t p = 0;
    do {
      const size_t depth = std::min(most_depth, k - p);
      const float* b_block = b.data + p * b.row_stride + j * b.column_stride;
      PackPanels(kTileColumns, b_block + unpacked * b.column_stride,
                 b.column_stride, b.row_stride, columns - unpacked, depth,
                 packed_b);
      for (size_t i = 0; i < m; i += kBlockRows) {
        const size_t rows = std::min(kBlockRows, m - i);
        MatrixView a_block{a.data + i * a.row_stride + p * a.column_stride,
                           a.row_stride, a.column_stride};
        // Rows of a are read where they are, unless they are columns of a
        // row-major matrix: then in a transposed copy.
        if (a.column_stride != 1) {
          const size_t width = RoundUp(depth, kLineFloats);
          PackPanels(width, a_block.data, a.column_stride, a.row_stride, depth,
                     rows, packed_a);
          a_block = {packed_a, width, 1};
        }
        const auto multiply = [&](size_t first, size_t count,
                                  const BlockOfB& panels) {
          GemmEpilogue part = epilogue;
          if (p > 0) part = {.accumulate = true};
          part.rectify = epilogue.rectify && p + depth == k;
          if (part.row_bias != nullptr) part.row_bias += i;
          if (part.column_bias != nullptr) part.column_bias += j + first;
          MultiplyBlock(rows, count, depth, a_block, panels,
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

// The product on all threads.
void MultiplyOnThreads(ThreadPool& pool, size_t m, size_t n, size_t k,
                       MatrixView a, MatrixView b, float* c, size_t c_stride,
                       const GemmEpilogue& epilogue, float* workspace) {
  const double products =
      static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const bool few_rows = m <= kInPlaceRows;
  if (pool.ThreadCount() == 1 || products < kParallelProducts) {
    MultiplyPart(m, n, k, a, b, c, c_stride, epilogue, few_rows, workspace);
    return;
  }
  // Every element is summed in the same order however c is cut, so the parts
  // may depend on the number of threads. Along the longer side, the operand
  // that each part packs for itself is the smaller one.
  const bool by_rows = m > n;
  const size_t size = by_rows ? m : n;
  const size_t share =
      RoundUp((size + kPartsPerThread * pool.ThreadCount() - 1) /
                  (kPartsPerThread * pool.ThreadCount()),
              by_rows ? kTileRows : kTileColumns);
  const size_t part_workspace = PartWorkspaceSize(m, n, k);
  pool.ParallelFor((size + share - 1) / share, [=](size_t part, size_t thread) {
    const size_t first = part * share;
    const size_t count = std::min(share, size - first);
    GemmEpilogue cut = epilogue;
    float* own = workspace + thread * part_workspace;
    if (by_rows) {
      if (cut.row_bias != nullptr) cut.row_bias += first;
      const MatrixView rows{a.data + first * a.row_stride, a.row_stride,
                            a.column_stride};
      MultiplyPart(count, n, k, rows, b, c + first * c_stride, c_stride, cut,
                   few_rows, own);
    } else {
      if (cut.column_bias != nullptr) cut.column_bias += first;
      const MatrixView columns{b.data + first * b.column_stride, b.row_stride,
                               b.column_stride};
      MultiplyPart(m, count, k, a, columns, c + first, c_stride, cut, few_rows,
                   own);
    }
  });
}

}  // namespace

size_t GemmWorkspaceSize(const ThreadPool& pool, size_t m, size_t n, size_t k) {
  return pool.ThreadCount() * PartWorkspaceSize(m, n, k) +
         (k > kLongSum ? 2 * m * n : 0);
}

void Gemm(ThreadPool& pool, size_t m, size_t n, size_t k, MatrixView a,
          MatrixView b, float* c, size_t c_stride, const GemmEpilogue& epilogue,
          float* workspace) {
  assert(c_stride >= n || m <= 1);
  assert(!epilogue.accumulate ||
         (epilogue.row_bias == nullptr && epilogue.column_bias == nullptr));
  if (k <= kLongSum) {
    MultiplyOnThreads(pool, m, n, k, a, b, c, c_stride, epilogue, workspace);
    return;
  }
  float* part = workspace;
  float* lost = part + m * n;
  float* rest = lost + m * n;
  std::fill_n(lost, m * n, 0.0f);
  GemmEpilogue first = epilogue;
  first.rectify = false;
  MultiplyOnThreads(pool, m, n, kPartOfSum, a, b, c, c_stride, first, rest);
  for (size_t p = kPartOfSum; p < k; p += kPartOfSum) {
    a.data += kPartOfSum * a.column_stride;
    b.data += kPartOfSum * b.row_stride;
    MultiplyOnThreads(pool, m, n, std::min(kPartOfSum, k - p), a, b, part, n,
                      {}, rest);
    for (size_t i = 0; i < m; ++i) {
      AddCompensated(part + i * n, c + i * c_stride, lost + i * n, n);
    }
  }
  for (size_t i = 0; epilogue.rectify && i < m; ++i) {
    RectifyInPlace(c + i * c_stride, n);
  }
}

}  // namespace lamella
