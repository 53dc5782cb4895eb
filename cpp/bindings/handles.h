// Objects of the engine in JavaScript's hands.
//
// Embind's own classes come with inheritance, overloads, constructors and two
// ways of sharing. Nothing here uses any of that, and it was 3 kB gzip of the
// glue code and 1 ms of start-up. A handle is an address with a class;
// `Bind("Layer.build", …)`, whose first parameter is the object, becomes a
// method of it (see embind.js).
#ifndef LAMELLA_BINDINGS_HANDLES_H_
#define LAMELLA_BINDINGS_HANDLES_H_

#include <emscripten/bind.h>

extern "C" {
/// In embind.js. Makes the class `name`, whose objects hold a `type` each and
/// cross as a `pointer` to it, too.
void lamella_register_handle(emscripten::internal::TYPEID type,
                             emscripten::internal::TYPEID pointer,
                             const char* name, void (*destroy)(void* object));

/// In embind.js. Makes a method or function of a result's type and parameters'.
void lamella_register_function(const char* name, size_t type_count,
                               const emscripten::internal::TYPEID* types,
                               void (*function)());
}

namespace lamella::bindings {

/// From now on a `T*` that a function returns becomes a handle of class `name`,
/// which deletes it, or undefined if it is null. A handle comes back as the
/// object it holds, which stays at least until the call returns that it is a
/// parameter of, and undefined as null.
template <typename T>
void RegisterHandle(const char* name) {
  using emscripten::internal::AllowedRawPointer;
  using emscripten::internal::TypeID;
  lamella_register_handle(TypeID<T>::get(), TypeID<AllowedRawPointer<T>>::get(),
                          name,
                          [](void* object) { delete static_cast<T*>(object); });
}

/// As embind's `function`, for parameters and results as wire.h and handles
/// have them: numbers, references and pointers, which cross as they are. So
/// nothing is converted here, and JavaScript calls the function itself.
template <typename Result, typename... Parameters>
void Bind(const char* name, Result (*function)(Parameters...)) {
  using emscripten::internal::WithPolicies;
  typename WithPolicies<emscripten::allow_raw_pointers>::template ArgTypeList<
      Result, Parameters...>
      types;
  lamella_register_function(name, types.getCount(), types.getTypes(),
                            reinterpret_cast<void (*)()>(function));
}

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_HANDLES_H_
