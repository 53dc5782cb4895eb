#include "base/aligned_buffer.h"

#include <atomic>
#include <cassert>
#include <cstdint>

#include "base/error.h"
#include "base/thread_pool.h"

namespace lamella {
namespace {
std::atomic<size_t> allocation_count{0};
}  // namespace

AlignedBuffer::AlignedBuffer(size_t size) : size_(size) {
#if LAMELLA_THREADS
  assert(!IsPoolThread());
#endif
  if (size == 0) return;
  // No object in C++ is larger than PTRDIFF_MAX, which is 2 GiB in WebAssembly.
  // emmalloc adds addresses and sizes without a check for overflow; with both
  // below 2 GiB there is none.
  const size_t limit = PTRDIFF_MAX / sizeof(float) - kAlignment;
  void* memory = nullptr;
  if (size <= limit) {
    // aligned_alloc wants a multiple of the alignment.
    const size_t bytes =
        (size * sizeof(float) + kAlignment - 1) / kAlignment * kAlignment;
    memory = std::aligned_alloc(kAlignment, bytes);
  }
  if (memory == nullptr) {
    ThrowMemoryError(
        "out of memory: could not allocate {} float32 numbers ({} MiB); "
        "tensors "
        "are freed by dispose() or `using`, and by the garbage collector only "
        "between tasks: await something",
        {size, static_cast<double>(size) * 4 / (1 << 20)});
  }
  data_.reset(static_cast<float*>(memory));
  allocation_count.fetch_add(1, std::memory_order_relaxed);
}

void AlignedBuffer::Reserve(size_t size) {
  if (size <= size_) return;
  *this = AlignedBuffer(size);
}

size_t AllocationCount() {
  return allocation_count.load(std::memory_order_relaxed);
}

}  // namespace lamella
