#include "base/error.h"

#include <algorithm>
#include <cassert>
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
  const bool scientific = exponent < -4 || exponent >= 6;
  // Places of the number, the first significant digit's being 0: zeros before
  // it when it stands behind the point, and after the last up to the point.
  const int point = scientific ? 1 : exponent + 1;
  size_t unit = 1;
  for (int i = 1; i < count; ++i) unit *= 10;
  for (int place = std::min(point - 1, 0); place < std::max(point, count);
       ++place) {
    if (place == point) text += '.';
    if (place < 0 || place >= count) {
      text += '0';
      continue;
    }
    text += static_cast<char>('0' + digits / unit % 10);
    unit /= 10;
  }
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
    case Kind::kString:
      text += *string_;
      break;
    case Kind::kInteger:
      AppendInteger(text, integer_);
      break;
    case Kind::kNumber:
      AppendNumber(text, number_);
      break;
    case Kind::kList:
      text += '[';
      for (size_t i = 1; i <= list_[0]; ++i) {
        if (i > 1) text += ", ";
        AppendInteger(text, list_[i]);
      }
      text += ']';
  }
}

std::string Format(const char* format, const Arguments& arguments) {
  std::string text;
  const Argument* argument = arguments.begin();
  for (; *format != '\0'; ++format) {
    if (format[0] == '{' && format[1] == '}') {
      assert(argument != arguments.end());
      (argument++)->AppendTo(text);
      ++format;
    } else {
      text += *format;
    }
  }
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
