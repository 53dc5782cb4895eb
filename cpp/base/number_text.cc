#include "base/number_text.h"

#include <array>
#include <charconv>

namespace lamella {

std::string NumberText(double number) {
  std::array<char, 32> digits;  // "-1.2345678901234567e-308" is the longest.
  const auto result =
      std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return {digits.data(), result.ptr};
}

}  // namespace lamella
