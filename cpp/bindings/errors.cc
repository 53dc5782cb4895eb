// Where errors of the engine become JavaScript errors. Nothing is thrown as a
// C++ exception: a JavaScript error passes through the frames of WebAssembly
// just as well, running their destructors, and needs no run-time support.
// Only the stack pointer stays where it was: embind.js puts it back.

#include <emscripten/val.h>

#include "base/error.h"

namespace lamella {

/// Throws what the module's `createError(kind, message)` makes.
void Raise(ErrorKind kind, const char* message) {
  using emscripten::val;
  val::module_property("createError")(static_cast<size_t>(kind),
                                      val::u8string(message))
      .throw_();
}

}  // namespace lamella
