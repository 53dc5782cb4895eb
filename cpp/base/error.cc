#include "base/error.h"

#include <algorithm>
#include <cassert>
#include <cstdio>

namespace lamella {
namespace {

const LayerErrorContext* context = nullptr;

void AppendInteger(std::string& text, size_t integer) {
  if (integer >= 10) AppendInteger(text, integer / 10);
  text += static_cast<char>('0' + integer % 10);
}

}  // namespace

[[gnu::weak]] void AppendNumber(std::string& text, double number) {
  char digits[24];  // "-1.23457e-308" is the longest.
  const int length = std::snprintf(digits, sizeof(digits), "%g", number);
  text.append(digits, static_cast<size_t>(length));
}

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
