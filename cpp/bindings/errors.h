// Where C++ exceptions become JavaScript errors.
#ifndef LAMELLA_BINDINGS_ERRORS_H_
#define LAMELLA_BINDINGS_ERRORS_H_

#include <new>
#include <utility>

#include "base/error.h"

namespace lamella::bindings {

/// Throws the JavaScript error that the module's `createError(kind, message)`
/// makes. A C++ exception must not reach JavaScript: it would arrive as an
/// opaque object, and Emscripten's helpers for reading it weigh 26 kB.
[[noreturn]] void ThrowToJavaScript(const Error& error);

/// Runs `body`; what it throws is thrown on as a JavaScript error. Every
/// function that JavaScript calls goes through here.
template <typename Body>
auto Guarded(Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const Error& error) {
    ThrowToJavaScript(error);
  } catch (const std::bad_alloc&) {
    ThrowToJavaScript(Error(ErrorKind::kMemory, "out of memory"));
  }
}

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_ERRORS_H_
