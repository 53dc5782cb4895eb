// Work on several cores. The host starts the threads (a worker in the browser,
// std::thread in the native tests); the engine only shares work among them.
#ifndef LAMELLA_BASE_THREAD_POOL_H_
#define LAMELLA_BASE_THREAD_POOL_H_

#include <cstddef>

namespace lamella {

namespace internal {
/// Runs a task of a job; `body` is the caller's function object.
using TaskFunction = void (*)(const void* body, size_t task, size_t thread);

void RunTasks(size_t tasks, TaskFunction run, const void* body);

/// Runs a range of a job.
using RangeFunction = void (*)(const void* body, size_t first, size_t count);

void RunRanges(size_t size, size_t grain, RangeFunction run, const void* body);
}  // namespace internal

#if LAMELLA_THREADS

/// Greatest number of threads. Each has a stack and a worker of its own; no
/// page can use more.
inline constexpr size_t kMaxThreads = 64;

/// Threads that share the work, the caller's among them: 1 until
/// `SetThreadCount` says otherwise.
size_t ThreadCount();

/// Makes threads 0 (the caller) to `count` - 1 share the work. The host has
/// started them before.
void SetThreadCount(size_t count);

/// The body of thread `index`, from 1 on, which the host has started: takes
/// part in the work and sleeps in between, for ever.
[[noreturn]] void ServeThread(size_t index);

#ifndef NDEBUG
/// Whether the caller is a thread that `ServeThread` runs on, which must not
/// allocate: in WebAssembly it shares the C library's memory without locks.
bool IsPoolThread();
#endif

#else

constexpr size_t ThreadCount() { return 1; }

#endif

/// Calls `body(task, thread)` for every task below `tasks`, on all threads, and
/// returns when all are done. `thread` is below `ThreadCount()` and differs
/// between tasks that run at the same time, so it can choose a workspace. Which
/// thread takes which task is left to chance, though tasks that are neighbours
/// mostly meet on the same one: results must not depend on it.
/// `body` must not throw. Inside a task everything runs on the task's own
/// thread, as thread 0.
template <typename Body>
void ParallelFor(size_t tasks, const Body& body) {
#if LAMELLA_THREADS
  internal::RunTasks(
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
  internal::RunRanges(
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

}  // namespace lamella

#endif  // LAMELLA_BASE_THREAD_POOL_H_
