// Tensors in JavaScript's hands.

#include "tensor/tensor.h"

#include <emscripten/bind.h>

#include "base/aligned_buffer.h"
#include "bindings/engine.h"
#include "bindings/errors.h"
#include "bindings/values.h"

namespace lamella::bindings {

EMSCRIPTEN_DECLARE_VAL_TYPE(FloatView);

Tensor CreateTensor(const Numbers& shape) {
  return Tensor(TheEngine(), ToShape(shape));
}

Numbers TensorShape(Tensor& tensor) { return FromShape(tensor.shape()); }

// Over the module's memory: stale once that grows.
FloatView TensorView(Tensor& tensor) {
  return FloatView(emscripten::val(
      emscripten::typed_memory_view(tensor.values().size(), tensor.data())));
}

Tensor TensorReshaped(const Tensor& tensor, const Numbers& shape) {
  return tensor.Reshaped(ToShape(shape));
}

Tensor TensorCopy(Tensor& tensor) { return tensor.Clone(); }

double Allocations() { return static_cast<double>(AllocationCount()); }

void LimitAllocations(double floats) {
  TheEngine().LimitAllocations(ToSize(floats));
}

void UnlimitAllocations() { TheEngine().UnlimitAllocations(); }

EMSCRIPTEN_BINDINGS(tensor) {
  emscripten::register_type<FloatView>("Float32Array");

  emscripten::class_<Tensor>("Tensor")
      .function("shape", Guarded<&TensorShape>)
      .function("view", Guarded<&TensorView>)
      .function("reshaped", Guarded<&TensorReshaped>)
      .function("copy", Guarded<&TensorCopy>);
  emscripten::register_optional<Tensor>();

  emscripten::function("createTensor", Guarded<&CreateTensor>);
  emscripten::function("allocationCount", Guarded<&Allocations>);
  emscripten::function("limitAllocations", Guarded<&LimitAllocations>);
  emscripten::function("unlimitAllocations", Guarded<&UnlimitAllocations>);
}

}  // namespace lamella::bindings
