// Objects of the engine in JavaScript's hands.
//
// Embind's own classes come with inheritance, overloads, constructors and two
// ways of sharing. Nothing here uses any of that, and it was 3 kB gzip of the
// glue code and 1 ms of start-up. A handle is an address with a class;
// `function("Layer.build", …)`, whose first parameter is the object, becomes a
// method of it (see embind.js).
#ifndef LAMELLA_BINDINGS_HANDLES_H_
#define LAMELLA_BINDINGS_HANDLES_H_

#include <emscripten/wire.h>

extern "C" {
/// In embind.js. Makes the class `name`, whose objects hold a `type` each.
void lamella_register_handle(emscripten::internal::TYPEID type,
                             const char* name, void (*destroy)(void* object));
}

namespace lamella::bindings {

/// From now on a `T` crosses to JavaScript as a handle of class `name`, which
/// holds a copy of it until `delete()`, and back as the object it holds, which
/// stays at least until the call returns that it is a parameter of.
template <typename T>
void RegisterHandle(const char* name) {
  lamella_register_handle(emscripten::internal::TypeID<T>::get(), name,
                          [](void* object) { delete static_cast<T*>(object); });
}

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_HANDLES_H_
