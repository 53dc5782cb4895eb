// The types that cross the boundary: instead of embind's own part in C++, which
// makes every type known to JavaScript that any binding could use, with the
// glue code for each.

#include <emscripten/bind.h>

#include <cstdint>
#include <cstring>
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
const char* __getTypeName(const void*) { return strdup("?"); }

}  // extern "C"

EMSCRIPTEN_BINDINGS(types) {
  using namespace emscripten::internal;
  using emscripten::memory_view;

  _embind_register_void(TypeID<void>::get(), "void");
  _embind_register_bool(TypeID<bool>::get(), "bool", true, false);
  _embind_register_integer(TypeID<int>::get(), "int", sizeof(int), INT32_MIN,
                           INT32_MAX);
  // Embind goes by the word unsigned.
  _embind_register_integer(TypeID<size_t>::get(), "unsigned", sizeof(size_t), 0,
                           SIZE_MAX);
  _embind_register_float(TypeID<double>::get(), "double", sizeof(double));
  _embind_register_std_string(TypeID<std::string>::get(), "std::string");
  _embind_register_emval(TypeID<emscripten::val>::get());
  // Tensors, and what val::array makes arrays of. The numbers are the typed
  // arrays' places in the list of embind.js.
  _embind_register_memory_view(TypeID<memory_view<size_t>>::get(), 5,
                               "Uint32Array");
  _embind_register_memory_view(TypeID<memory_view<float>>::get(), 6,
                               "Float32Array");
  _embind_register_memory_view(TypeID<memory_view<double>>::get(), 7,
                               "Float64Array");
}
