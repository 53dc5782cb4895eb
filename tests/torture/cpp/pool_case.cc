// Jobs of the thread pool: every task once, and training with any number of
// threads to the same bits.
#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "base/engine.h"
#include "cases.h"
#include "layers/registry.h"
#include "random_model.h"

namespace lamella::torture {
namespace {

constexpr size_t kMost = 4;

ThreadPool& Pool() { return CaseEngine().pool(); }

void StartThreads() {
  static const bool started = [] {
    for (size_t i = 1; i < kMost; ++i)
      std::thread([i] { Pool().Serve(i); }).detach();
    return true;
  }();
  static_cast<void>(started);
}

void RunJobs(Random& random, size_t index) {
  for (size_t jobs = random.Integer(1, 20); jobs > 0; --jobs) {
    Pool().SetThreadCount(random.Integer(1, kMost));
    const size_t tasks = random.Integer(0, random.Chance(0.9) ? 40 : 4000);
    // Plain numbers, that the sanitizer sees whoever writes one twice.
    std::vector<uint32_t> runs(tasks);
    Pool().ParallelFor(tasks, [&](size_t task, size_t) { ++runs[task]; });
    if (std::ranges::count(runs, 1u) != static_cast<ptrdiff_t>(tasks)) {
      Fail("pool case " + std::to_string(index) + ": a task did not run once");
    }
    const size_t grain = random.Integer(1, 100);
    std::vector<uint32_t> touched(tasks);
    Pool().ParallelRanges(tasks, grain, [&](size_t first, size_t count) {
      for (size_t i = first; i < first + count; ++i) ++touched[i];
    });
    if (std::ranges::count(touched, 1u) != static_cast<ptrdiff_t>(tasks)) {
      Fail("pool case " + std::to_string(index) + ": ranges do not cover");
    }
  }
}

/// Layers that are large enough to be shared out.
std::vector<float> Train(uint64_t seed, size_t threads) {
  Pool().SetThreadCount(threads);
  Random random(seed);
  const size_t side = random.Integer(8, 20), depth = random.Integer(2, 8);
  Config convolution, dense;
  convolution.Add("outputDepth", static_cast<double>(random.Integer(4, 12)));
  convolution.Add("kernelSize", static_cast<double>(random.Integer(1, 4)));
  convolution.Add("padding", std::string("same"));
  dense.Add("outputSize", 10.0);
  const std::vector<std::shared_ptr<Layer>> layers = {
      CreateLayer(CaseEngine(), "Convolutional", convolution),
      CreateLayer(CaseEngine(), "BatchNormalization2D", {}),
      CreateLayer(CaseEngine(), "ReLU", {}),
      CreateLayer(CaseEngine(),
                  random.Chance(0.5) ? "MaxPooling2D" : "AveragePooling2D", {}),
      CreateLayer(CaseEngine(), "Flatten", {}),
      CreateLayer(CaseEngine(), "Dropout", {}),
      CreateLayer(CaseEngine(), "Dense", dense)};
  Model model(layers, CreateLoss(CaseEngine(), "MSE", {}),
              CreateOptimizer(CaseEngine(), "Adam", {}), seed,
              Shape{depth, side, side});
  const size_t samples = random.Integer(8, 40);
  const Tensor x = random.Values(Shape{samples, depth, side, side});
  const Tensor y = random.Values(Shape{samples, 10});
  for (int i = 0; i < 2; ++i) model.TrainBatch(x, y);
  const Tensor predicted = model.Predict(x, samples);
  const auto values = predicted.values();
  return {values.begin(), values.end()};
}

}  // namespace

void PoolCase(uint64_t seed, size_t index) {
  StartThreads();
  const uint64_t own = seed * 1'000'003 + index;
  Random random(own);
  RunJobs(random, index);
  if (index % 8 == 0 && Train(own, 1) != Train(own, random.Integer(2, kMost))) {
    Fail("pool case " + std::to_string(index) + ": threads change the bits");
  }
  Pool().SetThreadCount(1);
}

}  // namespace lamella::torture
