// Where errors of the engine become JavaScript errors. Nothing is thrown as a
// C++ exception: a JavaScript error passes through the frames of WebAssembly
// just as well, running their destructors, and needs no run-time support.
// Only the stack pointer stays where it was: JavaScript puts it back.

#include <emscripten/bind.h>
#include <emscripten/stack.h>

#include <cstdlib>
#include <new>

#include "base/error.h"

/// Of Emscripten's run-time library, which declares it to its own parts only.
extern "C" void _emscripten_stack_restore(uintptr_t pointer);

namespace lamella {

EMSCRIPTEN_BINDINGS(errors) {
  using emscripten::function;

  function("stackPointer", &emscripten_stack_get_current);
  function("restoreStack", &_emscripten_stack_restore);
}

/// Throws what the module's `createError(kind, message)` makes.
void Raise(ErrorKind kind, const char* message) {
  using emscripten::val;
  val::module_property("createError")(static_cast<int>(kind),
                                      val::u8string(message))
      .throw_();
}

}  // namespace lamella

// Memory for small objects; the standard's own would throw a C++ exception.
void* operator new(size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) {
    lamella::Raise(lamella::ErrorKind::kMemory, "out of memory");
  }
  return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
