#include "bindings/errors.h"

#include <emscripten/bind.h>

#include <cstdlib>
#include <new>

#include "base/error.h"

namespace lamella::bindings {
namespace {

using emscripten::val;

[[noreturn]] void Throw(const val& kind, const char* message) {
  // `u8string` reads the message where it is; a std::string would be copied
  // into memory of which there may be none.
  val::module_property("forEngine")
      .call<val>("createError", kind, val::u8string(message))
      .throw_();
  std::abort();  // Not reached: `throw_` is not declared [[noreturn]].
}

[[noreturn]] void ThrowOutOfMemory() {
  Throw(val(static_cast<int>(ErrorKind::kMemory)),
        "out of memory: tensors are freed by dispose() or `using`, and by the "
        "garbage collector only between tasks: await something");
}

}  // namespace

void ThrowToJavaScript() {
  try {
    throw;
  } catch (const Error& error) {
    Throw(val(static_cast<int>(error.kind())), error.what());
  } catch (const std::bad_alloc&) {
    ThrowOutOfMemory();
  } catch (const std::exception& exception) {
    Throw(val::undefined(), exception.what());
  }
}

EMSCRIPTEN_BINDINGS(errors) {
  // `operator new` calls it when there is no memory. It throws at once, since
  // an exception of C++ would need memory, and embind's own conversions of
  // parameters and results, which `Guarded` does not see, allocate too.
  std::set_new_handler(&ThrowOutOfMemory);
}

}  // namespace lamella::bindings
