#include "failing_allocator.h"

#include <cstdlib>
#include <new>

namespace lamella::torture {
namespace {

// Of the thread that runs the cases; those of the pool allocate nothing.
thread_local bool counting = false;
thread_local bool fails_on = false;
thread_local bool throws_foreign = false;
thread_local size_t allocations = 0;
thread_local size_t failing = FailingAllocations::kNever;

bool Fails() {
  if (!counting) return false;
  const size_t number = allocations++;
  return number == failing || (fails_on && number > failing);
}

}  // namespace

FailingAllocations::FailingAllocations(size_t first, bool persistent,
                                       bool foreign) {
  failing = first;
  fails_on = persistent;
  throws_foreign = foreign;
  allocations = 0;
  counting = true;
}

FailingAllocations::~FailingAllocations() { counting = false; }

size_t FailingAllocations::count() const { return allocations; }

}  // namespace lamella::torture

// ThreadSanitizer has its own, and no case of it fails allocations.
#if !__has_feature(thread_sanitizer)

void* operator new(size_t size) {
  if (lamella::torture::Fails()) {
    if (lamella::torture::throws_foreign)
      throw lamella::torture::ForeignError();
    throw std::bad_alloc();
  }
  void* memory = std::malloc(size > 0 ? size : 1);
  if (memory == nullptr) std::abort();
  return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

#endif

// The linker's --wrap=aligned_alloc sends the engine's calls here.
extern "C" void* __real_aligned_alloc(size_t alignment, size_t size);
extern "C" void* __wrap_aligned_alloc(size_t alignment, size_t size) {
  if (lamella::torture::Fails()) return nullptr;
  return __real_aligned_alloc(alignment, size);
}
