// Turns the engine's exceptions into JavaScript's errors.
#ifndef LAMELLA_BINDINGS_ERRORS_H_
#define LAMELLA_BINDINGS_ERRORS_H_

#include <type_traits>

namespace lamella::bindings {

/// To be called while an exception is handled: throws the JavaScript error that
/// stands for it, which the module's `forEngine.createError(kind, message)`
/// makes.
[[noreturn]] void ThrowToJavaScript();

/// Memory for a call's result, taken before the call has any effect: embind
/// copies results to the heap when the call is over, and an error then would be
/// one of a call that has done its work. Lives while the call runs.
class ResultRoom {
 public:
  /// std::bad_alloc or JavaScript's OutOfMemoryError if there is none.
  ResultRoom();
  ~ResultRoom();
};

/// Type in which `Guarded` takes a parameter of a function. References to
/// constants become values: a tensor or layer that a callback of JavaScript
/// disposes of lives until the call returns. Other references are borrowed, by
/// functions that are done with the object before any JavaScript can run.
template <typename Parameter>
using Held =
    std::conditional_t<std::is_const_v<std::remove_reference_t<Parameter>>,
                       std::remove_cvref_t<Parameter>, Parameter>;

template <auto function>
struct Guard;

template <typename Result, typename... Parameters,
          Result (*function)(Parameters...)>
struct Guard<function> {
  static Result Call(Held<Parameters>... parameters) {
    try {
      if constexpr (std::is_void_v<Result>) {
        function(static_cast<Parameters>(parameters)...);
      } else {
        const ResultRoom room;
        return function(static_cast<Parameters>(parameters)...);
      }
    } catch (...) {
      ThrowToJavaScript();
    }
  }
};

/// The function for JavaScript to call in the place of `function`. It does the
/// same, but throws JavaScript errors: a C++ exception would arrive there as an
/// opaque object. Every binding goes through it.
///
/// A JavaScript error that a callback throws is no C++ exception: `catch (...)`
/// lets it pass, through the engine as well, whose destructors it runs.
template <auto function>
inline constexpr auto Guarded = &Guard<function>::Call;

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_ERRORS_H_
