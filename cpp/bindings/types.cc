// The types that cross the boundary: instead of embind's own part in C++, which
// makes every type known to JavaScript that any binding could use.

#include <emscripten/bind.h>

#include <memory>
#include <type_traits>

#include "bindings/adapter.h"
#include "bindings/wire.h"

extern "C" {

// Bindings run when they are constructed. Emscripten's own threads, which would
// run them again, are not used.
void _embind_register_bindings(emscripten::internal::InitFunc*) {}
void _embind_initialize_bindings() {}

// For errors about types that nobody made known: there are none.
const char* __getTypeName(const void*) { return nullptr; }

/// In types.js: from now on a `type` crosses as the type `name` does there.
void lamella_register_type(emscripten::internal::TYPEID type, const char* name);

}  // extern "C"

namespace lamella::bindings {
namespace {

template <typename T>
void Register(const char* name) {
  using emscripten::internal::AllowedRawPointer;
  using emscripten::internal::TypeID;
  lamella_register_type(TypeID<T>::get(), name);
  if constexpr (std::is_class_v<T>) {
    lamella_register_type(TypeID<AllowedRawPointer<T>>::get(), name);
  }
}

}  // namespace

EMSCRIPTEN_BINDINGS(types) {
  Register<void>("void");
  Register<bool>("bool");
  Register<size_t>("size_t");
  Register<double>("double");
  Register<Text>("text");
  Register<Settings>("settings");
  Register<Numbers>("numbers");
  Register<Handles<std::shared_ptr<Layer>>>("handles");
  Register<Records>("records");
  Register<View>("view");
  Register<AdapterId>("adapter");
}

}  // namespace lamella::bindings
