// Errors of the engine: one exception class with a kind, so that a binding can
// translate them in one place without run-time type information.
#ifndef LAMELLA_BASE_ERROR_H_
#define LAMELLA_BASE_ERROR_H_

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace lamella {

/// What went wrong. The TypeScript package has one error class for each.
enum class ErrorKind {
  kShape,   ///< A tensor or layer has another shape than the operation wants.
  kValue,   ///< An argument has the right type but a value out of range.
  kType,    ///< An argument has the wrong type.
  kState,   ///< The call comes too early or too late (not built, disposed).
  kMemory,  ///< Memory could not be allocated; nothing was changed.
};

/// The only exception the engine throws. The message names the layer or
/// function, the argument, what was given and what is wanted.
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string message)
      : kind_(kind), message_(std::move(message)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorKind kind_;
  std::string message_;
};

namespace internal {
inline std::string ToText(std::string_view text) { return std::string(text); }
inline std::string ToText(int value) { return std::to_string(value); }
inline std::string ToText(size_t value) { return std::to_string(value); }
std::string ToText(double value);
}  // namespace internal

/// Joins strings and numbers into one message.
template <typename... Parts>
std::string Cat(const Parts&... parts) {
  using internal::ToText;
  std::string text;
  (text.append(ToText(parts)), ...);
  return text;
}

[[noreturn]] void ThrowShapeError(std::string message);
[[noreturn]] void ThrowValueError(std::string message);
[[noreturn]] void ThrowTypeError(std::string message);
[[noreturn]] void ThrowStateError(std::string message);
[[noreturn]] void ThrowMemoryError(std::string message);

}  // namespace lamella

#endif  // LAMELLA_BASE_ERROR_H_
