#include "layers/initialization.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "kernels/gemm.h"
#include "kernels/transpose.h"

namespace lamella {
namespace {

enum class Distribution { kNormal, kUniform, kOrthogonal, kZeros };

struct Way {
  std::string_view name;
  Distribution distribution;
  // The variance is this over fan_in, or over the mean of both fans.
  float gain = 1;
  bool both_fans = false;
};

// In the order of the enumeration.
constexpr Way kWays[] = {
    {"auto", Distribution::kNormal},
    {"he", Distribution::kNormal, 2},
    {"xavier", Distribution::kNormal},
    {"heNormal", Distribution::kNormal, 2},
    {"heUniform", Distribution::kUniform, 2},
    {"glorotNormal", Distribution::kNormal, 1, true},
    {"glorotUniform", Distribution::kUniform, 1, true},
    {"lecunNormal", Distribution::kNormal},
    {"lecunUniform", Distribution::kUniform},
    {"orthogonal", Distribution::kOrthogonal},
    {"zeros", Distribution::kZeros},
};

const Way& WayOf(Initialization initialization) {
  return kWays[static_cast<size_t>(initialization)];
}

// Takes from the rows of x[rows, size] what they have of the directions of
// basis[directions, size], which are orthogonal and of length 1. Twice, since
// the rest of a row that is nearly one of them is mostly rounding (Giraud,
// Langou, Rozložník, "The loss of orthogonality in the Gram-Schmidt
// orthogonalization process", 2005).
void TakeOff(Engine& engine, const float* basis, size_t directions, size_t size,
             float* x, size_t rows) {
  if (directions == 0) return;
  ThreadPool& pool = engine.pool();
  Tensor parts({rows, directions});
  const MatrixView view = {basis, size, 1};
  float* workspace = engine.Workspace(
      std::max(GemmWorkspaceSize(pool, rows, directions, size),
               GemmWorkspaceSize(pool, rows, size, directions)));
  for (size_t times = 0; times < 2; ++times) {
    Gemm(pool, rows, directions, size, {x, size, 1}, view.Transposed(),
         parts.data(), directions, {}, workspace);
    for (float& part : parts.values()) part = -part;
    Gemm(pool, rows, size, directions, {parts.data(), directions, 1}, view, x,
         size, {.accumulate = true}, workspace);
  }
}

// Makes the rows of x[rows, size], at most as many as they are long, orthogonal
// and of length 1: by Gram-Schmidt, in blocks, so that most of it are products
// of matrices.
void Orthogonalize(Engine& engine, float* x, size_t rows, size_t size) {
  constexpr size_t kBlock = 32;
  for (size_t first = 0; first < rows; first += kBlock) {
    const size_t block = std::min(kBlock, rows - first);
    float* own = x + first * size;
    TakeOff(engine, x, first, size, own, block);
    for (size_t i = 0; i < block; ++i) {
      float* row = own + i * size;
      TakeOff(engine, own, i, size, row, 1);
      double square = 0;
      for (size_t j = 0; j < size; ++j) square += row[j] * row[j];
      const float scale = static_cast<float>(1 / std::sqrt(square));
      for (size_t j = 0; j < size; ++j) row[j] *= scale;
    }
  }
}

// Its temporaries are no larger than the weights, which the allowance counts.
void DrawOrthogonal(Engine& engine, RandomStream& random, Tensor& weights) {
  // Of cubic time a weight has at most 16 384 operations, 0.5 µs.
  constexpr size_t kMostRows = 2048;
  const size_t rows = weights.shape()[0], columns = weights.size() / rows;
  const size_t fewer = std::min(rows, columns);
  if (fewer > kMostRows) {
    ThrowValueError(
        "'orthogonal' weights take a side of at most {}, got {} x {}",
        {kMostRows, rows, columns});
  }
  if (rows == fewer) {
    random.FillNormal(weights.values(), 1);
    return Orthogonalize(engine, weights.data(), rows, columns);
  }
  Tensor transposed({columns, rows});
  random.FillNormal(transposed.values(), 1);
  Orthogonalize(engine, transposed.data(), columns, rows);
  Transpose(transposed.data(), 1, columns, rows, weights.data());
}

}  // namespace

Initialization ParseInitialization(std::string_view owner,
                                   std::string_view name) {
  std::string known;
  for (size_t i = 0; i < std::size(kWays); ++i) {
    if (kWays[i].name == name) return Initialization(i);
    (known += i == 0 ? "" : ", ") += kWays[i].name;
  }
  ThrowValueError("{}: unknown initialization '{}'; known are: {}",
                  {owner, name, known});
}

std::string_view InitializationName(Initialization initialization) {
  return WayOf(initialization).name;
}

void Draw(Engine& engine, Initialization initialization, size_t fan_in,
          size_t fan_out, RandomStream& random, Tensor& weights) {
  const Way& way = WayOf(initialization);
  const float inputs = static_cast<float>(fan_in);
  const float fan =
      way.both_fans ? (inputs + static_cast<float>(fan_out)) / 2 : inputs;
  const float deviation = std::sqrt(way.gain / fan);
  switch (way.distribution) {
    case Distribution::kNormal:
      return random.FillNormal(weights.values(), deviation);
    case Distribution::kUniform:
      return random.FillUniform(weights.values(), std::sqrt(3.0f) * deviation);
    case Distribution::kOrthogonal:
      return DrawOrthogonal(engine, random, weights);
    case Distribution::kZeros:
      return std::ranges::fill(weights.values(), 0.0f), void();
  }
}

}  // namespace lamella
