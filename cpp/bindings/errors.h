// Turns the engine's exceptions into JavaScript's errors.
#ifndef LAMELLA_BINDINGS_ERRORS_H_
#define LAMELLA_BINDINGS_ERRORS_H_

#include <exception>
#include <type_traits>

namespace lamella::bindings {

/// To be called while an exception is handled: throws the JavaScript error that
/// stands for it, which the module's `forEngine.createError(kind, message)`
/// makes.
[[noreturn]] void ThrowToJavaScript();

template <typename Parameter>
using Held =
    std::conditional_t<std::is_lvalue_reference_v<Parameter> &&
                           std::is_const_v<std::remove_reference_t<Parameter>>,
                       std::remove_cvref_t<Parameter>, Parameter>;

template <auto function>
struct Guard;

template <typename Result, typename... Parameters,
          Result (*function)(Parameters...)>
struct Guard<function> {
  static Result Call(Held<Parameters>... parameters) {
    try {
      return function(static_cast<Parameters>(parameters)...);
    } catch (...) {
      ThrowToJavaScript();
    }
  }
};

/// The function for JavaScript to call in the place of `function`. It does the
/// same, but throws JavaScript errors: a C++ exception would arrive there as an
/// opaque object. Every binding goes through it.
///
/// A JavaScript error that a callback throws is no C++ exception. It passes
/// through here, and through the engine, whose destructors it runs.
template <auto function>
inline constexpr auto Guarded = &Guard<function>::Call;

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_ERRORS_H_
