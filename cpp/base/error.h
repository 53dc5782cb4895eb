// Errors of the engine: one exception class with a kind.
#ifndef LAMELLA_BASE_ERROR_H_
#define LAMELLA_BASE_ERROR_H_

#include <cstddef>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

namespace lamella {

/// Kinds of errors. The TypeScript package has one error class for each.
enum class ErrorKind {
  kShape,   ///< A tensor or layer has another shape than the operation wants.
  kValue,   ///< An argument has the right type but a value out of range.
  kType,    ///< An argument has the wrong type.
  kState,   ///< The call comes too early or too late (not built, disposed).
  kMemory,  ///< Memory could not be allocated; nothing was changed.
};

/// The only exception that the engine throws on purpose. `what()` names the
/// layer or function, the argument, what was given and what is wanted.
class Error : public std::runtime_error {
 public:
  /// `message` is what `what()` returns.
  Error(ErrorKind kind, const std::string& message)
      : std::runtime_error(message), kind_(kind) {}

  /// The error class in TypeScript.
  ErrorKind kind() const { return kind_; }

  /// The same error as whoever called the i-th of several reports it:
  /// `In("Model: layer", 1)` puts "Model: layer 1: " before the message.
  Error In(std::string_view place, size_t i) const;

 private:
  ErrorKind kind_;
};

/// An argument of a message: text, a whole number, a number, or a list of
/// whole numbers such as a shape. Refers to what it was made of.
using Argument =
    std::variant<std::string_view, size_t, double, std::span<const size_t>>;
using Arguments = std::initializer_list<Argument>;

/// The format with each "{}" replaced by an argument, in order. (Not
/// std::format, which is 38 kB of WebAssembly.)
std::string Format(std::string_view format, const Arguments& arguments);

/// Throws an error with the message `Format(format, arguments)`. Out of line,
/// so that a check costs its caller a call and no more.
[[noreturn]] void Throw(ErrorKind kind, std::string_view format,
                        const Arguments& arguments = {});

/// `Throw` of each kind.
[[noreturn]] inline void ThrowShapeError(std::string_view format,
                                         const Arguments& arguments = {}) {
  Throw(ErrorKind::kShape, format, arguments);
}
[[noreturn]] inline void ThrowValueError(std::string_view format,
                                         const Arguments& arguments = {}) {
  Throw(ErrorKind::kValue, format, arguments);
}
[[noreturn]] inline void ThrowTypeError(std::string_view format,
                                        const Arguments& arguments = {}) {
  Throw(ErrorKind::kType, format, arguments);
}
[[noreturn]] inline void ThrowStateError(std::string_view format,
                                         const Arguments& arguments = {}) {
  Throw(ErrorKind::kState, format, arguments);
}
[[noreturn]] inline void ThrowMemoryError(std::string_view format,
                                          const Arguments& arguments = {}) {
  Throw(ErrorKind::kMemory, format, arguments);
}

}  // namespace lamella

#endif  // LAMELLA_BASE_ERROR_H_
