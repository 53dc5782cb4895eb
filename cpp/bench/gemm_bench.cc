// Matrix products of the shapes that networks have, in multiplications and
// additions a second.
#include <benchmark/benchmark.h>

#include "base/engine.h"
#include "kernels/gemm.h"
#include "tensor/tensor.h"

namespace lamella {
namespace {

// c[m, n] = a[m, k] * b[k, n]; transposed operands lie in memory as [k, m] and
// [n, k].
void Product(benchmark::State& state, bool transpose_a, bool transpose_b) {
  const auto m = static_cast<size_t>(state.range(0));
  const auto n = static_cast<size_t>(state.range(1));
  const auto k = static_cast<size_t>(state.range(2));
  const Tensor a({m * k}), b({k * n});
  Tensor c({m * n});
  const MatrixView a_view = transpose_a
                                ? MatrixView{a.data(), m, 1}.Transposed()
                                : MatrixView{a.data(), k, 1};
  const MatrixView b_view = transpose_b
                                ? MatrixView{b.data(), k, 1}.Transposed()
                                : MatrixView{b.data(), n, 1};
  Engine engine;
  float* workspace =
      engine.Workspace(GemmWorkspaceSize(engine.pool(), m, n, k));
  for (auto _ : state) {
    Gemm(engine.pool(), m, n, k, a_view, b_view, c.data(), n, {}, workspace);
    benchmark::ClobberMemory();
  }
  state.counters["FLOP/s"] =
      benchmark::Counter(2.0 * static_cast<double>(m * n * k),
                         benchmark::Counter::kIsIterationInvariantRate);
}

// Square ones, then layers of a batch of 64: wide, narrow, of few outputs.
void Shapes(benchmark::internal::Benchmark* product) {
  product->ArgNames({"m", "n", "k"});
  for (const int64_t size : {64, 256, 512, 1024}) {
    product->Args({size, size, size});
  }
  product->Args({64, 128, 784});
  product->Args({64, 10, 128});
  product->Args({1, 1000, 1024});
  product->Args({1024, 1000, 4096});
}

BENCHMARK_CAPTURE(Product, Plain, false, false)->Apply(Shapes);
BENCHMARK_CAPTURE(Product, ATransposed, true, false)->Apply(Shapes);
BENCHMARK_CAPTURE(Product, BTransposed, false, true)->Apply(Shapes);

}  // namespace
}  // namespace lamella
