#include "base/number_text.h"

#include <emscripten/em_js.h>

#include <array>

EM_JS_DEPS(number_text, "$stringToUTF8");

EM_JS(void, WriteNumber, (double number, char* text, int size),
      { stringToUTF8(String(number), text, size); });

namespace lamella {

std::string NumberText(double number) {
  std::array<char, 32> text;  // "-1.2345678901234567e-308" is the longest.
  WriteNumber(number, text.data(), text.size());
  return text.data();
}

}  // namespace lamella
