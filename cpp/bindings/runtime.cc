// What the engine uses of the C++ run-time library's part in memory and
// exceptions. Errors are JavaScript's (see errors.cc) and nothing is ever
// caught, so it is next to nothing; the library's own definitions unwind, print
// and demangle names, and weigh 12 kB.

#include <cstddef>
#include <cstdlib>
#include <exception>
#include <new>

#include "base/error.h"

namespace {
[[noreturn]] void OutOfMemory() {
  lamella::Raise(lamella::ErrorKind::kMemory, "out of memory");
}
}  // namespace

void* operator new(size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) OutOfMemory();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

// Nobody calls these, but the library's own bring the rest of it along.
void* operator new(size_t, std::align_val_t) { std::abort(); }
void operator delete(void*, std::align_val_t) noexcept { std::abort(); }
void operator delete(void*, size_t, std::align_val_t) noexcept { std::abort(); }
[[noreturn]] void std::terminate() noexcept { std::abort(); }

extern "C" {

// One instruction. The C library's, which is linked for size, moves words and
// bytes by itself.
void* memmove(void* to, const void* from, size_t size) {
  asm("local.get %0\n"
      "local.get %1\n"
      "local.get %2\n"
      "memory.copy 0, 0"
      :
      : "r"(to), "r"(from), "r"(size)
      : "memory");
  return to;
}

// The standard library throws when a container should grow beyond all memory.
// The exception is made, but never thrown.
void* __cxa_allocate_exception(size_t) noexcept {
  alignas(std::max_align_t) static char exception[64];
  return exception;
}
void __cxa_free_exception(void*) noexcept {}
[[noreturn]] void __cxa_throw(void*, void*, void* (*)(void*)) { OutOfMemory(); }

// Of `catch` blocks in the standard library, which nothing enters.
void* __cxa_begin_catch(void* exception) noexcept { return exception; }
void __cxa_end_catch() {}
[[noreturn]] void __cxa_rethrow() { std::abort(); }

// Of the types of those exceptions: how to find out, in a `catch`, what they
// are.
#define LAMELLA_NO_TYPE_INFORMATION(type)                        \
  extern const void* const _ZTVN10__cxxabiv1##type##_type_infoE; \
  const void* const _ZTVN10__cxxabiv1##type##_type_infoE = nullptr
LAMELLA_NO_TYPE_INFORMATION(17__class);
LAMELLA_NO_TYPE_INFORMATION(20__si_class);
LAMELLA_NO_TYPE_INFORMATION(21__vmi_class);

[[noreturn]] void __cxa_pure_virtual() { std::abort(); }

}  // extern "C"
