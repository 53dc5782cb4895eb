// GEMM against the definition in float64.
#include "kernels/gemm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/gemm_panels.h"
#include "test_util.h"

namespace lamella::test {
namespace {

using gemm::kInPlaceRows;
using gemm::kTallRows;
using gemm::kTileColumns;
using gemm::kTileRows;

enum class Start { kZero, kAccumulate, kRowBias, kColumnBias };

struct Case {
  size_t m, n, k;
  bool transpose_a = false;
  bool transpose_b = false;
  Start start = Start::kZero;
  // Columns of c beyond n, which must stay as they are.
  size_t gap = 0;
};

std::string Describe(const Case& c) {
  return Cat("m ", c.m, ", n ", c.n, ", k ", c.k,
             c.transpose_a ? ", a transposed" : "",
             c.transpose_b ? ", b transposed" : "", ", start ",
             static_cast<int>(c.start), ", gap ", c.gap);
}

// Element (i, j) of a view.
double At(const MatrixView& view, size_t i, size_t j) {
  return view.data[i * view.row_stride + j * view.column_stride];
}

void Check(const Case& c) {
  SCOPED_TRACE(Describe(c));
  constexpr float kGuard = 12345.0f;
  Uniform uniform(c.m * 1000003 + c.n * 1009 + c.k);
  // One more, so that a depth of 0 has addresses to point at.
  const std::vector<float> a_data = uniform.Values(c.m * c.k + 1);
  const std::vector<float> b_data = uniform.Values(c.k * c.n + 1);
  // Transposed data are stored as [k, m] and [n, k].
  const MatrixView a = c.transpose_a
                           ? MatrixView{a_data.data(), c.m, 1}.Transposed()
                           : MatrixView{a_data.data(), c.k, 1};
  const MatrixView b = c.transpose_b
                           ? MatrixView{b_data.data(), c.k, 1}.Transposed()
                           : MatrixView{b_data.data(), c.n, 1};
  const std::vector<float> row_bias = uniform.Values(c.m);
  const std::vector<float> column_bias = uniform.Values(c.n);
  const size_t stride = c.n + c.gap;
  std::vector<float> result(c.m * stride, kGuard);
  GemmEpilogue epilogue;
  if (c.start == Start::kRowBias) epilogue.row_bias = row_bias.data();
  if (c.start == Start::kColumnBias) epilogue.column_bias = column_bias.data();
  epilogue.accumulate = c.start == Start::kAccumulate;

  std::vector<double> wanted(result.size(), kGuard);
  std::vector<double> tolerance(result.size(), 0.0);
  for (size_t i = 0; i < c.m; ++i) {
    for (size_t j = 0; j < c.n; ++j) {
      double start = 0.0;
      if (c.start == Start::kRowBias) start = row_bias[i];
      if (c.start == Start::kColumnBias) start = column_bias[j];
      if (c.start == Start::kAccumulate) {
        start = result[i * stride + j] = uniform();
      }
      double sum = start, magnitude = std::fabs(start);
      for (size_t p = 0; p < c.k; ++p) {
        const double term = At(a, i, p) * At(b, p, j);
        sum += term;
        magnitude += std::fabs(term);
      }
      wanted[i * stride + j] = sum;
      // k products and k sums, each rounded by half an epsilon at most, in
      // whatever order (Higham, "Accuracy and stability of numerical
      // algorithms", section 3.1).
      tolerance[i * stride + j] =
          static_cast<double>(c.k + 1) * kEpsilon / 2 * magnitude;
    }
  }
  // Exactly the promised size, so that the sanitizer sees any excess.
  AlignedBuffer workspace(GemmWorkspaceSize(Pool(), c.m, c.n, c.k));
  std::vector<float> rectified = result;
  Gemm(Pool(), c.m, c.n, c.k, a, b, result.data(), stride, epilogue,
       workspace.data());
  EXPECT_TRUE(Close("c", result, wanted, tolerance));

  epilogue.rectify = true;
  Gemm(Pool(), c.m, c.n, c.k, a, b, rectified.data(), stride, epilogue,
       workspace.data());
  for (size_t i = 0; i < c.m; ++i) {
    for (size_t j = 0; j < c.n; ++j) {
      float& each = result[i * stride + j];
      each = std::max(each, 0.0f);
    }
  }
  EXPECT_EQ(rectified, result);
}

TEST(Gemm, EveryRemainderOfTheTile) {
  for (size_t m = 1; m <= 2 * kTileRows + 1; ++m) {
    for (size_t n = 1; n <= 2 * kTileColumns + 1; ++n) {
      for (size_t k : {0, 1, 2, 3, 7, 255, 256, 257, 600}) Check({m, n, k});
    }
  }
}

// With relaxed SIMD, so many rows are computed in other tiles.
TEST(Gemm, EveryRemainderOfTheTallTile) {
  for (size_t i = 0; i <= 2 * kTallRows; ++i) {
    for (size_t n :
         {size_t{1}, kTileColumns - 1, kTileColumns, kTileColumns + 1,
          2 * kTileColumns, 2 * kTileColumns + 3}) {
      for (size_t k : {0, 1, 2, 257}) Check({kInPlaceRows + 1 + i, n, k});
    }
  }
}

TEST(Gemm, EveryTransposeAndStart) {
  for (bool transpose_a : {false, true}) {
    for (bool transpose_b : {false, true}) {
      for (Start start : {Start::kZero, Start::kAccumulate, Start::kRowBias,
                          Start::kColumnBias}) {
        for (size_t gap : {0, 3}) {
          for (size_t m : {size_t{1}, kTileRows, 2 * kTileRows + 1,
                           kInPlaceRows + kTallRows + 1}) {
            for (size_t n : {size_t{1}, kTileColumns - 1, kTileColumns,
                             2 * kTileColumns + 3}) {
              for (size_t k : {0, 1, 5, 257}) {
                Check({m, n, k, transpose_a, transpose_b, start, gap});
              }
            }
          }
        }
      }
    }
  }
}

TEST(Gemm, SeveralBlocksInEveryDirection) {
  const size_t m = gemm::kBlockRows + kTileRows + 1;
  const size_t n = gemm::kBlockColumns + kTileColumns + 1;
  const size_t k = gemm::kBlockDepth + 3;
  for (Start start : {Start::kZero, Start::kAccumulate, Start::kRowBias,
                      Start::kColumnBias}) {
    Check({m, n, k, false, true, start, 2});
  }
  Check({m, n, 2 * gemm::kBlockDepth, true, false});
  Check({2 * gemm::kBlockRows, 2 * gemm::kBlockColumns, 9});
}

TEST(Gemm, OneMissingRowOrColumn) {
  Check({gemm::kBlockRows - 1, gemm::kBlockColumns - 1, gemm::kBlockDepth - 1});
  Check({gemm::kBlockRows, gemm::kBlockColumns, gemm::kBlockDepth});
}

TEST(Gemm, NothingToDo) {
  AlignedBuffer workspace(GemmWorkspaceSize(Pool(), 4, 4, 4));
  std::vector<float> operand(16, 1.0f), result(16, 7.0f);
  const MatrixView view{operand.data(), 4, 1};
  Gemm(Pool(), 0, 4, 4, view, view, result.data(), 4, {}, workspace.data());
  Gemm(Pool(), 4, 0, 4, view, view, result.data(), 4, {}, workspace.data());
  EXPECT_EQ(result, std::vector<float>(16, 7.0f));
}

TEST(Gemm, CarriesNaNAndInfinity) {
  AlignedBuffer workspace(GemmWorkspaceSize(Pool(), 2, 3, 2));
  std::vector<float> a = {1, 2, 3, 4}, b = {1, NAN, INFINITY, 1, 1, 1};
  std::vector<float> result(6);
  Gemm(Pool(), 2, 3, 2, {a.data(), 2, 1}, {b.data(), 3, 1}, result.data(), 3,
       {}, workspace.data());
  EXPECT_TRUE(Close("c", result,
                    std::vector<double>{3, NAN, INFINITY, 7, NAN, INFINITY},
                    0.0));
}

}  // namespace
}  // namespace lamella::test
