// Threads: every task once, and the same bits whatever their number.
#include "base/thread_pool.h"

#include <gtest/gtest.h>

#if LAMELLA_THREADS

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "kernels/gemm.h"
#include "networks.h"
#include "test_util.h"
#include "training/model.h"

namespace lamella::test {
namespace {

constexpr size_t kMost = 4;

// Starts thread `index` of a pool.
void Start(ThreadPool& pool, size_t index) {
  std::thread([&pool, index] { pool.Serve(index); }).detach();
}

// Sets the number of threads of the tests' engine for a scope; starts them when
// first wanted. They sleep until the process ends.
class Threads {
 public:
  explicit Threads(size_t count) {
    static const bool started = [] {
      for (size_t i = 1; i < kMost; ++i) Start(Pool(), i);
      return true;
    }();
    static_cast<void>(started);
    Pool().SetThreadCount(count);
  }
  ~Threads() { Pool().SetThreadCount(1); }
};

TEST(ThreadPool, RunsEveryTaskOnceOnThreadsThatExist) {
  const Threads threads(kMost);
  for (const size_t tasks : {0, 1, 2, 3, 7, 100, 1000}) {
    std::vector<std::atomic<int>> runs(tasks);
    std::atomic<bool> in_range = true;
    Pool().ParallelFor(tasks, [&](size_t task, size_t thread) {
      ++runs[task];
      if (thread >= Pool().ThreadCount()) in_range = false;
    });
    for (const auto& count : runs) EXPECT_EQ(count, 1);
    EXPECT_TRUE(in_range);
  }
}

TEST(ThreadPool, WhoIsDoneHelpsTheOthers) {
  const Threads threads(2);
  const auto late = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::atomic<int> done = 0;
  std::atomic<bool> helped = true;
  Pool().ParallelFor(10, [&](size_t task, size_t) {
    // Half of the tasks are the share of the thread that hangs here.
    while (task == 0 && done < 9 && helped) {
      if (std::chrono::steady_clock::now() > late) helped = false;
    }
    ++done;
  });
  EXPECT_TRUE(helped);
}

TEST(ThreadPool, NoTwoTasksShareAThreadAtTheSameTime) {
  const Threads threads(kMost);
  std::vector<std::atomic<int>> users(kMost);
  std::atomic<bool> alone = true;
  Pool().ParallelFor(10000, [&](size_t, size_t thread) {
    if (++users[thread] != 1) alone = false;
    --users[thread];
  });
  EXPECT_TRUE(alone);
}

// Threads that come late, or wake for a job that is over, must neither repeat
// a task nor lose one.
TEST(ThreadPool, ManyShortJobsInARow) {
  for (size_t count = 1; count <= kMost; ++count) {
    const Threads threads(count);
    for (size_t job = 0; job < 5000; ++job) {
      std::atomic<size_t> sum = 0;
      const size_t tasks = 1 + job % 5;
      Pool().ParallelFor(tasks,
                         [&](size_t task, size_t) { sum += task + job; });
      ASSERT_EQ(sum, tasks * job + tasks * (tasks - 1) / 2) << "job " << job;
    }
  }
}

TEST(ThreadPool, AJobWithinATaskRunsOnThatThread) {
  const Threads threads(kMost);
  std::atomic<int> runs = 0;
  std::atomic<bool> same = true;
  Pool().ParallelFor(50, [&](size_t, size_t) {
    const auto outer = std::this_thread::get_id();
    Pool().ParallelFor(20, [&](size_t, size_t thread) {
      ++runs;
      if (std::this_thread::get_id() != outer || thread != 0) same = false;
    });
  });
  EXPECT_EQ(runs, 1000);
  EXPECT_TRUE(same);
}

TEST(ThreadPool, RangesCoverEverythingOnce) {
  const Threads threads(3);
  for (const size_t size : {0, 1, 9, 10, 11, 1234}) {
    std::vector<std::atomic<int>> seen(size);
    Pool().ParallelRanges(size, 10, [&](size_t first, size_t count) {
      EXPECT_LE(count, 10u);
      for (size_t i = first; i < first + count; ++i) ++seen[i];
    });
    for (const auto& count : seen) EXPECT_EQ(count, 1);
  }
}

// Expects `run` to give the same bits with every number of threads.
void ExpectSameOnAllThreads(const std::function<std::vector<Tensor>()>& run) {
  const std::vector<Tensor> wanted = run();
  for (size_t count = 2; count <= kMost; ++count) {
    const Threads threads(count);
    const std::vector<Tensor> got = run();
    ASSERT_EQ(got.size(), wanted.size());
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_TRUE(Same(Cat(count, " threads, tensor ", i), got[i], wanted[i]));
    }
  }
}

TEST(ThreadPool, GemmGivesTheSameBits) {
  struct Size {
    size_t m, n, k;
  };
  // Cut by rows and by columns, with shares that end within a tile.
  for (const Size s :
       {Size{203, 101, 65}, Size{37, 1003, 300}, Size{8, 5003, 27},
        Size{1500, 9, 70},
        Size{65, 17, 600}}) {  // Parts of few rows, several blocks of depth.
    ExpectSameOnAllThreads([&] {
      Uniform uniform(s.m);
      const Tensor a = uniform.Values(Shape{s.m, s.k});
      const Tensor b = uniform.Values(Shape{s.k, s.n});
      const Tensor bias = uniform.Values(Shape{s.m + s.n});
      const auto workspace = std::make_unique<float[]>(
          GemmWorkspaceSize(Pool(), s.m, s.n, s.k) + 16);
      std::vector<Tensor> results;
      for (const GemmEpilogue& epilogue :
           {GemmEpilogue{}, GemmEpilogue{.row_bias = bias.data()},
            GemmEpilogue{.column_bias = bias.data()}}) {
        Tensor c(Shape{s.m, s.n});
        Gemm(Pool(), s.m, s.n, s.k, {a.data(), s.k, 1}, {b.data(), s.n, 1},
             c.data(), s.n, epilogue, workspace.get());
        results.push_back(c);
      }
      return results;
    });
  }
}

std::shared_ptr<Layer> WideConvolution(Engine& engine, double depth,
                                       double groups, double stride) {
  return lamella::CreateLayer(engine, "Convolutional",
                              MakeConfig({{"outputDepth", depth},
                                          {"kernelSize", 3.0},
                                          {"padding", std::string("same")},
                                          {"groups", groups},
                                          {"stride", stride}}));
}

// Every kernel that shares its work, in sizes above the thresholds: direct,
// Winograd, grouped and strided convolution, pooling, normalization,
// activations, dense layers, the optimizer. Outputs, gradients and weights.
std::vector<Tensor> Train(Engine& engine) {
  const auto plain = [&](std::string_view type) {
    return lamella::CreateLayer(engine, type, {});
  };
  const auto dense = [&](double outputs) {
    return lamella::CreateLayer(engine, "Dense",
                                MakeConfig({{"outputSize", outputs}}));
  };
  Model model(
      {WideConvolution(engine, 8, 1, 1), plain("ReLU"),
       WideConvolution(engine, 16, 1, 1), plain("BatchNormalization2D"),
       plain("GELU"), WideConvolution(engine, 16, 4, 1), plain("MaxPooling2D"),
       WideConvolution(engine, 16, 1, 2), plain("AveragePooling2D"),
       plain("Flatten"), dense(600), plain("Tanh"), dense(3)},
      lamella::CreateLoss(engine, "CategoricalCrossEntropy", {}),
      lamella::CreateOptimizer(engine, "Adam",
                               MakeConfig({{"learningRate", 0.01}})),
      7, Shape{3, 28, 28});
  const Problem problem({3, 28, 28}, 32);
  for (int step = 0; step < 2; ++step) model.TrainBatch(problem.x, problem.y);
  std::vector<Tensor> results;
  for (const auto& layer : model.layers()) {
    results.push_back(layer->output().Clone());
    for (const Parameter& parameter : layer->Params()) {
      results.push_back(parameter.gradient.Clone());
      results.push_back(parameter.value.Clone());
    }
  }
  return results;
}

TEST(ThreadPool, TrainingGivesTheSameBits) {
  ExpectSameOnAllThreads([] { return Train(TestEngine()); });
}

// Layers of `lamella/graph` whose kernels share their work, in sizes above the
// thresholds.
TEST(ThreadPool, NormalizationsGiveTheSameBits) {
  const Config groups = MakeConfig({{"groups", 4.0}});
  const Config first = MakeConfig({{"axis", 0.0}});
  const Config last = MakeConfig({{"axis", -1.0}});
  const struct {
    std::string_view type;
    Config config;
    Shape input;
  } cases[] = {
      {"GroupNormalization", groups, {5, 8, 61, 63}},
      {"GroupNormalization", groups, {7, 90, 100}},
      {"RMSNormalization", last, {5, 90, 101}},
      {"RMSNormalization", first, {5, 7, 61, 63}},
      {"Normalization", {}, {5, 7, 61, 63}},
      {"Normalization", {}, {5, 90, 101}},
      {"ParametricReLU", {}, {5, 7, 61, 63}},
      {"ParametricReLU", {}, {5, 90, 101}},
  };
  for (const auto& [type, config, input] : cases) {
    SCOPED_TRACE(Cat(type, " of ", ToText(input)));
    const auto layer = CreateLayer(type, config);
    layer->Build(input.WithoutFirst());
    ExpectSameOnAllThreads([&, &input = input] {
      Uniform uniform(3);
      layer->Forward(uniform.Values(input));
      layer->Backward(uniform.Values(input));
      std::vector<Tensor> results = {layer->output().Clone()};
      for (const Parameter& parameter : layer->Params()) {
        results.push_back(parameter.gradient.Clone());
      }
      results.push_back(layer->Backward(uniform.Values(input)).Clone());
      return results;
    });
  }
}

TEST(ThreadPool, FurtherLayersGiveTheSameBits) {
  struct Case {
    const char* type;
    Config config;
    Shape input;
  };
  const Case cases[] = {
      {"ELU", {}, {5, 9999}},
      {"SELU", {}, {5, 9999}},
      {"Softplus", {}, {5, 9999}},
      {"Mish", {}, {5, 9999}},
      {"HardSigmoid", {}, {5, 9999}},
      {"Rescaling", MakeConfig({{"scale", 0.3}, {"offset", 0.1}}), {5, 9999}},
      {"Permute",
       MakeConfig({{"dims", std::vector<double>{3, 1, 2}}}),
       {3, 33, 40, 41}},
      {"Repeat", MakeConfig({{"n", 7.0}}), {40, 501}},
      {"GaussianNoise", MakeConfig({{"standardDeviation", 0.5}}), {5, 9999}},
      {"SpatialDropout2D", {}, {8, 30, 17, 19}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.type);
    ExpectSameOnAllThreads([&] {
      const auto layer = CreateLayer(each.type, each.config);
      layer->Seed({3, 1});
      Uniform uniform(1);
      const Tensor x = uniform.Values(each.input, -8, 8);
      const Tensor output = layer->Forward(x);
      return std::vector<Tensor>{
          output, layer->Backward(uniform.Values(output.shape()))};
    });
  }
}

// Two engines at the same time, each with threads of its own, as many as no
// other.
TEST(Engine, WorksBesideAnother) {
  const std::vector<Tensor> wanted = Train(TestEngine());
  static Engine engines[2];
  std::vector<Tensor> got[2];
  std::vector<std::thread> callers;
  for (size_t i = 0; i < 2; ++i) {
    const size_t count = i + 2;
    for (size_t j = 1; j < count; ++j) Start(engines[i].pool(), j);
    engines[i].pool().SetThreadCount(count);
  }
  for (size_t i = 0; i < 2; ++i) {
    callers.emplace_back([&, i] { got[i] = Train(engines[i]); });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(Pool().ThreadCount(), 1u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(engines[i].pool().ThreadCount(), i + 2);
    ASSERT_EQ(got[i].size(), wanted.size());
    for (size_t j = 0; j < wanted.size(); ++j) {
      EXPECT_TRUE(
          Same(Cat("engine ", i, ", tensor ", j), got[i][j], wanted[j]));
    }
  }
}

// A task of one pool gives work to another, whose threads take part in it.
TEST(Engine, PoolsShareNoThreads) {
  static ThreadPool outer, inner;
  Start(outer, 1);
  outer.SetThreadCount(2);
  for (size_t i = 1; i < 3; ++i) Start(inner, i);
  inner.SetThreadCount(3);
  const auto late = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::atomic<bool> met = true;
  outer.ParallelFor(2, [&](size_t task, size_t) {
    if (task != 0) return;
    std::atomic<size_t> arrived = 0;
    inner.ParallelFor(3, [&](size_t, size_t) {
      ++arrived;
      // Ends only when all three threads are here at the same time.
      while (arrived < 3 && met) {
        if (std::chrono::steady_clock::now() > late) met = false;
      }
    });
  });
  EXPECT_TRUE(met);
}

}  // namespace
}  // namespace lamella::test

#endif  // LAMELLA_THREADS
