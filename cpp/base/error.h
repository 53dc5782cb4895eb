// Errors of the engine: one exception class with a kind, so that a binding can
// translate them in one place without run-time type information.
#ifndef LAMELLA_BASE_ERROR_H_
#define LAMELLA_BASE_ERROR_H_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <span>
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

/// What stands in a message for "{}": text, a number (six digits), or a list of
/// whole numbers such as a shape. Refers to what it was made of.
class Argument {
 public:
  Argument(std::string_view text)
      : kind_(Kind::kText), size_(text.size()), text_(text.data()) {}
  Argument(const char* text) : Argument(std::string_view(text)) {}
  // Its address: finding its characters would be code in every caller.
  Argument(const std::string& text) : kind_(Kind::kString), string_(&text) {}
  Argument(size_t integer) : kind_(Kind::kInteger), integer_(integer) {}
  Argument(double number) : kind_(Kind::kNumber), number_(number) {}
  /// A list's length and then its items.
  explicit Argument(const size_t* counted)
      : kind_(Kind::kList), list_(counted) {}

  void AppendTo(std::string& text) const;

 private:
  enum class Kind { kText, kString, kInteger, kNumber, kList };

  Kind kind_;
  size_t size_ = 0;
  union {
    const char* text_;
    const std::string* string_;
    size_t integer_;
    double number_;
    const size_t* list_;
  };
};

/// Appends a number's text, as printf's "%g" has it. A program may define its
/// own; the WebAssembly module has JavaScript's.
void AppendNumber(std::string& text, double number);

using Arguments = std::initializer_list<Argument>;

/// The format with each "{}" replaced by an argument, in order.
std::string Format(const char* format, const Arguments& arguments);

/// Throws an error with the message `Format(format, arguments)`. Out of line,
/// and the message is put together here: a check costs its caller next to
/// nothing. (Pointers, because WebAssembly passes a string_view in memory.)
[[noreturn]] void Throw(ErrorKind kind, const char* format,
                        const Arguments& arguments = {});

[[noreturn]] inline void ThrowShapeError(const char* format,
                                         const Arguments& arguments = {}) {
  Throw(ErrorKind::kShape, format, arguments);
}
[[noreturn]] inline void ThrowValueError(const char* format,
                                         const Arguments& arguments = {}) {
  Throw(ErrorKind::kValue, format, arguments);
}
[[noreturn]] inline void ThrowTypeError(const char* format,
                                        const Arguments& arguments = {}) {
  Throw(ErrorKind::kType, format, arguments);
}
[[noreturn]] inline void ThrowStateError(const char* format,
                                         const Arguments& arguments = {}) {
  Throw(ErrorKind::kState, format, arguments);
}
[[noreturn]] inline void ThrowMemoryError(const char* format,
                                          const Arguments& arguments = {}) {
  Throw(ErrorKind::kMemory, format, arguments);
}

/// While it lives, messages of errors begin with "Model: layer {index}: ".
class LayerErrorContext {
 public:
  explicit LayerErrorContext(size_t index);
  ~LayerErrorContext();
  LayerErrorContext(const LayerErrorContext&) = delete;
  LayerErrorContext& operator=(const LayerErrorContext&) = delete;

 private:
  const LayerErrorContext* outer_;
  size_t index_;

  friend void Throw(ErrorKind, const char*, const Arguments&);
};

/// Ends the call with an error: throws `Error`. A program may define its own,
/// which must not return; the WebAssembly module throws a JavaScript error.
/// Code between must therefore clean up in destructors, never by catching.
[[noreturn]] void Raise(ErrorKind kind, const char* message);

}  // namespace lamella

#endif  // LAMELLA_BASE_ERROR_H_
