// Work on several cores. The host starts the threads (a worker in the browser,
// std::thread in the native tests); the engine only shares work among them.
#ifndef LAMELLA_BASE_THREAD_POOL_H_
#define LAMELLA_BASE_THREAD_POOL_H_

#include <cstddef>

#if LAMELLA_THREADS
#include <array>
#include <atomic>
#include <cstdint>
#endif

namespace lamella {

#if LAMELLA_THREADS

/// Greatest number of threads. Each has a stack and a worker of its own; no
/// page can use more.
inline constexpr size_t kMaxThreads = 64;

#ifndef NDEBUG
/// Whether the caller is a thread that `ThreadPool::Serve` runs on, which must
/// not allocate: in WebAssembly it shares the C library's memory without locks.
/// Known to the thread, since memory that is asked for knows no pool.
bool IsPoolThread();
#endif

#endif

/// Threads that share work: one, the caller's, until `SetThreadCount` says
/// otherwise. It must outlive those that serve it, which they do for ever.
class ThreadPool {
 public:
  constexpr ThreadPool() = default;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

#if LAMELLA_THREADS
  /// Threads that share the work, the caller's among them.
  size_t ThreadCount() const {
    return thread_count_.load(std::memory_order_relaxed);
  }

  /// Makes threads 0 (the caller) to `count` - 1 share the work. The host has
  /// started them before.
  void SetThreadCount(size_t count);

  /// The body of thread `index`, from 1 on, which the host has started: takes
  /// part in the work and sleeps in between, for ever.
  [[noreturn]] void Serve(size_t index);
#else
  static constexpr size_t ThreadCount() { return 1; }
#endif

  /// Calls `body(task, thread)` for every task below `tasks`, on all threads,
  /// and returns when all are done. `thread` is below `ThreadCount()` and
  /// differs between tasks that run at the same time, so it can choose a
  /// workspace. Which thread takes which task is left to chance, though tasks
  /// that are neighbours mostly meet on the same one: results must not depend
  /// on it. `body` must not throw. Inside a task everything runs on the task's
  /// own thread, as thread 0.
  template <typename Body>
  void ParallelFor(size_t tasks, const Body& body) {
#if LAMELLA_THREADS
    RunTasks(
        tasks,
        [](const void* any, size_t task, size_t thread) {
          (*static_cast<const Body*>(any))(task, thread);
        },
        &body);
#else
    for (size_t task = 0; task < tasks; ++task) body(task, 0);
#endif
  }

  /// Calls `body(first, count)` for ranges of at most `grain` that make up all
  /// numbers below `size`, on all threads; every range but the last is full.
  template <typename Body>
  void ParallelRanges(size_t size, size_t grain, const Body& body) {
#if LAMELLA_THREADS
    RunRanges(
        size, grain,
        [](const void* any, size_t first, size_t count) {
          (*static_cast<const Body*>(any))(first, count);
        },
        &body);
#else
    (void)grain;
    body(0, size);
#endif
  }

#if LAMELLA_THREADS
 private:
  /// Runs a task of a job; `body` is the caller's function object.
  using TaskFunction = void (*)(const void* body, size_t task, size_t thread);
  /// Runs a range of a job.
  using RangeFunction = void (*)(const void* body, size_t first, size_t count);

  void RunTasks(size_t tasks, TaskFunction run, const void* body);
  void RunRanges(size_t size, size_t grain, RangeFunction run,
                 const void* body);
  /// Takes tasks until none is left: its own, then those of the threads after
  /// it.
  void TakeTasks(size_t thread);

  /// The current job. It is written while no task is claimed, and read by
  /// threads that have claimed one.
  TaskFunction job_run_ = nullptr;
  const void* job_body_ = nullptr;
  uint32_t job_tasks_ = 0;
  /// Each thread begins with a share of the tasks of its own, and then helps
  /// the others. The same tasks of one job after another, mostly the same
  /// images, so find their data in the cache of the same core: 25 % off a step
  /// of cnn-step, 12 % off one of cnn-big-step (2 threads, 4000 polls).
  ///
  /// High 32 bits: end of this thread's share; low 32: its next task. One
  /// fetch_add claims a task and returns both. Each share has a cache line of
  /// its own.
  struct alignas(64) Share {
    std::atomic<uint64_t> ticket{0};
  };
  std::array<Share, kMaxThreads> shares_{};
  alignas(64) std::atomic<uint32_t> completed_{0};
  /// Counts jobs; idle threads sleep on it.
  alignas(64) std::atomic<uint32_t> generation_{0};
  std::atomic<uint32_t> thread_count_{1};
  /// Whether a job runs: a job within a job stays on its thread.
  std::atomic<bool> running_{false};
#endif
};

}  // namespace lamella

#endif  // LAMELLA_BASE_THREAD_POOL_H_
