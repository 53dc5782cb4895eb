// Threads, for web/src/wasm/start-threads.ts: a worker makes an instance of its
// own from the same module and memory, and enters it through the function
// table, whose places are the functions' addresses.

#if LAMELLA_THREADS

#include <emscripten/bind.h>
#include <pthread.h>

#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "bindings/engine.h"
#include "bindings/errors.h"

/// Emscripten's: sets the stack pointer of the instance that calls it.
extern "C" void _emscripten_stack_restore(uintptr_t stack);

// The C++ library of Emscripten 6 for shared memory locks its emergency store
// for exceptions, by functions that none of its libraries without pthreads has.
// There is nothing to lock: only the thread that makes calls allocates or
// throws.
extern "C" int pthread_mutex_lock(pthread_mutex_t*) { return 0; }
extern "C" int pthread_mutex_unlock(pthread_mutex_t*) { return 0; }

namespace lamella::bindings {
namespace {

// Kernels keep register tiles and a few offsets on the stack: some kilobytes.
constexpr size_t kStackSize = size_t{256} << 10;
constexpr size_t kStackAlignment = 16;

template <typename Function>
uintptr_t Address(Function* function) {
  return reinterpret_cast<uintptr_t>(function);
}

// The end of a new stack, from which it grows down.
uintptr_t CreateThreadStack() {
  void* memory = std::aligned_alloc(kStackAlignment, kStackSize);
  if (memory == nullptr) ThrowMemoryError("out of memory: a thread's stack");
  return reinterpret_cast<uintptr_t>(memory) + kStackSize;
}

uintptr_t SetStack() { return Address(&_emscripten_stack_restore); }
[[noreturn]] void ServeThread(size_t index) { TheEngine().pool().Serve(index); }
uintptr_t Serve() { return Address(&ServeThread); }

void SetThreadCount(size_t count) { TheEngine().pool().SetThreadCount(count); }

}  // namespace

EMSCRIPTEN_BINDINGS(threads) {
  emscripten::function("createThreadStack", Guarded<&CreateThreadStack>);
  emscripten::function("setStackFunction", Guarded<&SetStack>);
  emscripten::function("serveThreadFunction", Guarded<&Serve>);
  emscripten::function("setThreadCount", Guarded<&SetThreadCount>);
}

}  // namespace lamella::bindings

#endif  // LAMELLA_THREADS
