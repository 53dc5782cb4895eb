// Where errors of the engine become JavaScript errors. Nothing is thrown as a
// C++ exception: a JavaScript error passes through the frames of WebAssembly
// just as well, running their destructors, and needs no run-time support.
// Only the stack pointer stays where it was: JavaScript puts it back.

#include <emscripten/bind.h>
#include <emscripten/stack.h>

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
