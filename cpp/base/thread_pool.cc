#include "base/thread_pool.h"

#if LAMELLA_THREADS

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cstdint>

namespace lamella {
namespace {

// A waiting thread polls so often before it sleeps, since the next job of a
// training step mostly comes sooner than a sleeping worker wakes. 40000 polls
// take 12 µs. Measured (Node 24, cnn-step, two runs): with 4000, 40000, 100000
// and 400000 polls, 2 threads take 2.7, 2.1, 2.1 and 2.0 ms a step; 4 threads
// on 2 cores, where spinning takes time from working, take 2.8, 2.4, 2.4 and
// 2.8.
constexpr int kSpinIterations = 40000;

// The current job. It is written while no task is claimed, and read by threads
// that have claimed one.
internal::TaskFunction job_run;
const void* job_body;
uint32_t job_tasks;
// Each thread begins with a share of the tasks of its own, and then helps the
// others. The same tasks of one job after another, mostly the same images, so
// find their data in the cache of the same core: 25 % off a step of cnn-step,
// 12 % off one of cnn-big-step (2 threads, 4000 polls).
//
// High 32 bits: end of this thread's share; low 32: its next task. One
// fetch_add claims a task and returns both. Each share has a cache line of its
// own.
struct alignas(64) Share {
  std::atomic<uint64_t> ticket{0};
};
std::array<Share, kMaxThreads> shares;
alignas(64) std::atomic<uint32_t> completed{0};
// Counts jobs; idle threads sleep on it.
alignas(64) std::atomic<uint32_t> generation{0};
std::atomic<uint32_t> thread_count{1};
// Whether a job runs: a job within a job stays on its thread.
std::atomic<bool> running{false};

// Sleeps until `value` is no longer `old`; may return early.
void Sleep(std::atomic<uint32_t>& value, uint32_t old) {
#ifdef __wasm__
  __builtin_wasm_memory_atomic_wait32(reinterpret_cast<int32_t*>(&value),
                                      static_cast<int32_t>(old), -1);
#else
  value.wait(old);
#endif
}

void WakeAll(std::atomic<uint32_t>& value) {
#ifdef __wasm__
  __builtin_wasm_memory_atomic_notify(reinterpret_cast<int32_t*>(&value),
                                      UINT32_MAX);
#else
  value.notify_all();
#endif
}

// Waits until `value` is no longer `old`; returns what it is.
uint32_t Await(std::atomic<uint32_t>& value, uint32_t old) {
  for (int i = 0; i < kSpinIterations; ++i) {
    const uint32_t now = value.load(std::memory_order_acquire);
    if (now != old) return now;
  }
  Sleep(value, old);
  return value.load(std::memory_order_acquire);
}

// Takes tasks until none is left: its own, then those of the threads after it.
// A late thread may claim a task of the next job. Safe: the job is published
// before the ticket, and it ends only when every claimed task has.
void TakeTasks(size_t thread) {
  const size_t threads = ThreadCount();
  for (size_t i = 0; i < threads; ++i) {
    std::atomic<uint64_t>& ticket = shares[(thread + i) % threads].ticket;
    for (;;) {
      const uint64_t claimed = ticket.fetch_add(1, std::memory_order_acq_rel);
      const auto task = static_cast<uint32_t>(claimed);
      if (task >= static_cast<uint32_t>(claimed >> 32)) break;
      // Read before `completed` counts this task: after that the job may end,
      // and the next one overwrites its number of tasks.
      const uint32_t tasks = job_tasks;
      job_run(job_body, task, thread);
      if (completed.fetch_add(1, std::memory_order_acq_rel) + 1 == tasks) {
        WakeAll(completed);
      }
    }
  }
}

}  // namespace

size_t ThreadCount() { return thread_count.load(std::memory_order_relaxed); }

void SetThreadCount(size_t count) {
  assert(count >= 1 && count <= kMaxThreads);
  thread_count.store(static_cast<uint32_t>(count), std::memory_order_relaxed);
}

#ifndef NDEBUG
namespace {
thread_local bool is_pool_thread = false;
}
bool IsPoolThread() { return is_pool_thread; }
#endif

void ServeThread(size_t index) {
#ifndef NDEBUG
  is_pool_thread = true;
#endif
  uint32_t seen = generation.load(std::memory_order_acquire);
  for (;;) {
    if (index < ThreadCount()) TakeTasks(index);
    seen = Await(generation, seen);
  }
}

void internal::RunTasks(size_t tasks, TaskFunction run, const void* body) {
  if (tasks <= 1 || ThreadCount() == 1 ||
      running.load(std::memory_order_relaxed)) {
    for (size_t task = 0; task < tasks; ++task) run(body, task, 0);
    return;
  }
  assert(tasks <= UINT32_MAX);
  running.store(true, std::memory_order_relaxed);
  job_run = run;
  job_body = body;
  job_tasks = static_cast<uint32_t>(tasks);
  completed.store(0, std::memory_order_relaxed);
  const size_t threads = ThreadCount();
  for (size_t i = 0; i < threads; ++i) {
    const uint64_t first = tasks * i / threads;
    const uint64_t end = tasks * (i + 1) / threads;
    shares[i].ticket.store(end << 32 | first, std::memory_order_release);
  }
  generation.fetch_add(1, std::memory_order_release);
  WakeAll(generation);
  TakeTasks(0);
  for (uint32_t done = completed.load(std::memory_order_acquire);
       done != tasks;) {
    done = Await(completed, done);
  }
  running.store(false, std::memory_order_relaxed);
}

void internal::RunRanges(size_t size, size_t grain, RangeFunction run,
                         const void* body) {
  // One thread gains nothing from cutting, so it gets a single range.
  const size_t range = ThreadCount() == 1 ? std::max(size, grain) : grain;
  ParallelFor((size + range - 1) / range, [=](size_t task, size_t) {
    const size_t first = task * range;
    run(body, first, std::min(range, size - first));
  });
}

}  // namespace lamella

#endif  // LAMELLA_THREADS
