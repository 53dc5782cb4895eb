// Kernels that pass over memory once or twice, in bytes read and written a
// second.
#include <benchmark/benchmark.h>

#include "kernels/elementwise.h"
#include "kernels/optimizer_updates.h"
#include "kernels/reductions.h"
#include "kernels/softmax.h"
#include "tensor/tensor.h"

namespace lamella {
namespace {

void CountBytes(benchmark::State& state, size_t floats) {
  state.SetBytesProcessed(static_cast<int64_t>(
      static_cast<size_t>(state.iterations()) * floats * sizeof(float)));
}

template <void (*function)(ThreadPool&, const float*, float*, size_t)>
void Elementwise(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range(0));
  const Tensor x({size});
  Tensor y({size});
  ThreadPool pool;
  for (auto _ : state) {
    function(pool, x.data(), y.data(), size);
    benchmark::ClobberMemory();
  }
  CountBytes(state, 2 * size);
}
BENCHMARK_TEMPLATE(Elementwise, ReluForward)->Arg(1 << 14)->Arg(1 << 20);
BENCHMARK_TEMPLATE(Elementwise, SigmoidForward)->Arg(1 << 14)->Arg(1 << 20);
BENCHMARK_TEMPLATE(Elementwise, TanhForward)->Arg(1 << 14)->Arg(1 << 20);
BENCHMARK_TEMPLATE(Elementwise, GeluForward)->Arg(1 << 14)->Arg(1 << 20);

void Softmax(benchmark::State& state) {
  const auto rows = static_cast<size_t>(state.range(0));
  const auto classes = static_cast<size_t>(state.range(1));
  const Tensor x({rows, classes});
  Tensor y({rows, classes});
  ThreadPool pool;
  for (auto _ : state) {
    SoftmaxForward(pool, x.data(), rows, classes, 1, 1.0f, y.data());
    benchmark::ClobberMemory();
  }
  CountBytes(state, 2 * rows * classes);
}
BENCHMARK(Softmax)->Args({64, 10})->Args({256, 1000});

void Sums(benchmark::State& state) {
  const auto rows = static_cast<size_t>(state.range(0));
  const auto columns = static_cast<size_t>(state.range(1));
  const Tensor x({rows, columns});
  Tensor sums({columns});
  for (auto _ : state) {
    SumRows(x.data(), rows, columns, sums.data());
    benchmark::ClobberMemory();
  }
  CountBytes(state, rows * columns);
}
BENCHMARK(Sums)->Args({64, 128})->Args({1024, 1024});

void Adam(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range(0));
  const Tensor gradient({size});
  Tensor first({size}), second({size}), value({size});
  const AdamStep step = {.learning_rate = 0.001,
                         .beta1 = 0.9,
                         .beta2 = 0.999,
                         .epsilon = 1e-8,
                         .first_correction = 1,
                         .second_correction = 1,
                         .decay = 0};
  ThreadPool pool;
  for (auto _ : state) {
    AdamUpdate(pool, size, step, {}, gradient.data(), first.data(),
               second.data(), value.data());
    benchmark::ClobberMemory();
  }
  CountBytes(state, 7 * size);  // four are read, three of them written
}
BENCHMARK(Adam)->Arg(1 << 14)->Arg(1 << 22);

}  // namespace
}  // namespace lamella
