// Where errors of the engine become JavaScript errors. Nothing is thrown as a
// C++ exception: a JavaScript error passes through the frames of WebAssembly
// just as well, running their destructors, and needs no run-time support.
// Only the stack pointer stays where it was: embind.js puts it back.

#include <cstddef>
#include <string>

#include "base/error.h"

extern "C" {
/// In types.js: throws what the module's `createError(kind, message)` makes.
[[noreturn]] void lamella_raise(size_t kind, const char* message);
/// In types.js: writes a number's text to `to`; returns how long it is.
size_t lamella_number_text(double number, char* to);
}

namespace lamella {

void Raise(ErrorKind kind, const char* message) {
  lamella_raise(static_cast<size_t>(kind), message);
}

void AppendNumber(std::string& text, double number) {
  char digits[32];  // "-1.2345678901234567e-308" is the longest.
  text.append(digits, lamella_number_text(number, digits));
}

}  // namespace lamella
