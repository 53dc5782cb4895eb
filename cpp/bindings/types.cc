// The types that cross the boundary: instead of embind's own part in C++, which
// makes every type known to JavaScript that any binding could use.

#include <emscripten/bind.h>

#include <string>

namespace {
emscripten::internal::InitFunc* bindings = nullptr;
}

extern "C" {

void _embind_register_bindings(emscripten::internal::InitFunc* binding) {
  binding->next = bindings;
  bindings = binding;
}

void _embind_initialize_bindings() {
  for (auto* binding = bindings; binding != nullptr; binding = binding->next) {
    binding->init_func();
  }
}

// For errors about types that nobody made known: there are none.
const char* __getTypeName(const void*) { return nullptr; }

/// In types.js: from now on a `type` crosses as the type `name` does there.
void lamella_register_type(emscripten::internal::TYPEID type, const char* name);

}  // extern "C"

EMSCRIPTEN_BINDINGS(types) {
  using emscripten::memory_view;
  using emscripten::internal::TypeID;

  lamella_register_type(TypeID<void>::get(), "void");
  lamella_register_type(TypeID<bool>::get(), "bool");
  lamella_register_type(TypeID<size_t>::get(), "size_t");
  lamella_register_type(TypeID<double>::get(), "double");
  lamella_register_type(TypeID<std::string>::get(), "std::string");
  lamella_register_type(TypeID<emscripten::val>::get(), "emscripten::val");
  // Tensors, and what val::array makes arrays of.
  lamella_register_type(TypeID<memory_view<size_t>>::get(),
                        "memory_view<size_t>");
  lamella_register_type(TypeID<memory_view<float>>::get(),
                        "memory_view<float>");
  lamella_register_type(TypeID<memory_view<double>>::get(),
                        "memory_view<double>");
}
