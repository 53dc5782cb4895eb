#ifndef LAMELLA_BINDINGS_FOREIGN_LOSS_H_
#define LAMELLA_BINDINGS_FOREIGN_LOSS_H_

#include <emscripten/val.h>

#include <span>

#include "training/losses.h"

namespace lamella::bindings {

/// A loss written in TypeScript, seen from the engine. `adapter` is an object
/// with type and compute(output, expected): {value, gradient}, whose tensors
/// are native handles.
class ForeignLoss : public Loss {
 public:
  explicit ForeignLoss(const emscripten::val& adapter);
  bool IsMean() const override { return false; }

 protected:
  double OnCompute(const Tensor& output, const Tensor& expected,
                   Tensor& gradient,
                   std::span<const float> class_weights) const override;

 private:
  emscripten::val adapter_;
};

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_FOREIGN_LOSS_H_
