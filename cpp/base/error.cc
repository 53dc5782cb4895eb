#include "base/error.h"

#include <cmath>

namespace lamella {
namespace {

const LayerErrorContext* context = nullptr;

void AppendInteger(std::string& text, size_t integer) {
  if (integer >= 10) AppendInteger(text, integer / 10);
  text += static_cast<char>('0' + integer % 10);
}

// As printf's "%g" would have it, without the weight of printf: six digits, no
// trailing zeros, an exponent below 1e-4 and from 1e6.
void AppendNumber(std::string& text, double number) {
  if (std::isnan(number)) {
    text += "nan";
    return;
  }
  if (std::signbit(number)) text += '-';
  number = std::fabs(number);
  if (std::isinf(number)) {
    text += "inf";
    return;
  }
  int exponent = 0;
  if (number > 0) {
    for (; number >= 10; number /= 10) ++exponent;
    for (; number < 1; number *= 10) --exponent;
  }
  auto digits = static_cast<size_t>(number * 1e5 + 0.5);
  if (digits == 1000000) {
    digits = 100000;
    ++exponent;
  }
  int count = 6;
  for (; count > 1 && digits % 10 == 0; digits /= 10) --count;
  std::string significant;
  AppendInteger(significant, digits);
  const bool scientific = exponent < -4 || exponent >= 6;
  const int point = scientific ? 1 : exponent + 1;
  if (point <= 0) significant.insert(0, static_cast<size_t>(1 - point), '0');
  const auto whole = static_cast<size_t>(point > 0 ? point : 1);
  if (significant.size() < whole) significant.resize(whole, '0');
  if (significant.size() > whole) significant.insert(whole, 1, '.');
  text += significant;
  if (!scientific) return;
  text += exponent < 0 ? "e-" : "e+";
  const auto magnitude = static_cast<size_t>(std::abs(exponent));
  if (magnitude < 10) text += '0';
  AppendInteger(text, magnitude);
}

}  // namespace

void Argument::AppendTo(std::string& text) const {
  switch (kind_) {
    case Kind::kText:
      text.append(text_, size_);
      break;
    case Kind::kInteger:
      AppendInteger(text, integer_);
      break;
    case Kind::kNumber:
      AppendNumber(text, number_);
      break;
    case Kind::kList:
      text += '[';
      for (size_t i = 0; i < size_; ++i) {
        if (i > 0) text += ", ";
        AppendInteger(text, list_[i]);
      }
      text += ']';
  }
}

std::string Format(const char* format, const Arguments& arguments) {
  std::string text;
  std::string_view rest = format;
  for (const Argument& argument : arguments) {
    const size_t place = rest.find("{}");
    text += rest.substr(0, place);
    rest.remove_prefix(place + 2);
    argument.AppendTo(text);
  }
  text += rest;
  return text;
}

LayerErrorContext::LayerErrorContext(size_t index)
    : outer_(context), index_(index) {
  context = this;
}

LayerErrorContext::~LayerErrorContext() { context = outer_; }

void Throw(ErrorKind kind, const char* format, const Arguments& arguments) {
  std::string message;
  if (context != nullptr) {
    message = Format("Model: layer {}: ", {context->index_});
  }
  message += Format(format, arguments);
  Raise(kind, message.c_str());
}

[[gnu::weak]] void Raise(ErrorKind kind, const char* message) {
  throw Error(kind, message);
}

}  // namespace lamella
