#include "bindings/errors.h"

#include <emscripten/bind.h>

#include <cstdlib>
#include <new>
#include <utility>

#include "base/error.h"
#include "training/model.h"

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

// As large as what embind makes of any result: a pointer, a tensor, the fields
// of a `value_object`.
constexpr size_t kResultSize = 64;
static_assert(sizeof(Tensor) <= kResultSize &&
              sizeof(BatchResult) <= kResultSize &&
              sizeof(Model::Progress) <= kResultSize);

void* result_room = nullptr;
bool call_runs = false;

// `operator new` calls it when there is no memory, and tries again if it
// returns, as it does when a call is over and its result wants the room that
// was kept for it. Else it throws at once, since an exception of C++ would need
// memory, and embind's own conversions, which `Guarded` does not see, allocate
// too.
void OnNoMemory() {
  if (call_runs || result_room == nullptr) ThrowOutOfMemory();
  ::operator delete(std::exchange(result_room, nullptr));
}

}  // namespace

ResultRoom::ResultRoom() {
  call_runs = true;
  if (result_room == nullptr) result_room = ::operator new(kResultSize);
}

ResultRoom::~ResultRoom() { call_runs = false; }

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

EMSCRIPTEN_BINDINGS(errors) { std::set_new_handler(&OnNoMemory); }

}  // namespace lamella::bindings
