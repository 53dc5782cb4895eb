#include "base/error.h"

#include <cassert>
#include <string>

#include "base/number_text.h"

namespace lamella {
namespace {

struct AppendTo {
  void operator()(std::string_view value) const { text += value; }
  // std::to_string is 0.5 kB more; sizes are whole up to 2^53.
  void operator()(size_t value) const {
    text += NumberText(static_cast<double>(value));
  }
  void operator()(double value) const { text += NumberText(value); }
  void operator()(std::span<const size_t> list) const {
    std::string_view separator = "[";
    for (const size_t value : list) {
      text += separator;
      (*this)(value);
      separator = ", ";
    }
    text += list.empty() ? "[]" : "]";
  }

  std::string& text;
};

}  // namespace

Error Error::In(std::string_view place, size_t i) const {
  return Error(kind_, Format("{} {}: {}", {place, i, what()}));
}

std::string Format(std::string_view format, const Arguments& arguments) {
  std::string text;
  const Argument* argument = arguments.begin();
  for (;;) {
    const size_t place = format.find("{}");
    text += format.substr(0, place);
    if (place == std::string_view::npos) return text;
    assert(argument != arguments.end());
    std::visit(AppendTo{text}, *argument++);
    format.remove_prefix(place + 2);
  }
}

void Throw(ErrorKind kind, std::string_view format,
           const Arguments& arguments) {
  throw Error(kind, Format(format, arguments));
}

}  // namespace lamella
