#include "bindings/errors.h"

#include <emscripten/val.h>

#include <cstdlib>

namespace lamella::bindings {

void ThrowToJavaScript(const Error& error) {
  emscripten::val::module_property("createError")(
      static_cast<int>(error.kind()), error.message())
      .throw_();
  std::abort();  // Unreachable: throw_ is not declared noreturn.
}

}  // namespace lamella::bindings
