#ifndef LAMELLA_BINDINGS_CUSTOM_LOSS_H_
#define LAMELLA_BINDINGS_CUSTOM_LOSS_H_

#include <emscripten/val.h>

#include <span>
#include <string_view>

#include "training/losses.h"

namespace lamella::bindings {

EMSCRIPTEN_DECLARE_VAL_TYPE(LossAdapter);

/// A loss written in TypeScript, as the engine sees it, by an adapter that
/// refers to it weakly.
class CustomLoss : public Loss {
 public:
  CustomLoss(Engine& engine, std::string_view type, LossAdapter adapter);
  bool IsMean() const override { return false; }

 protected:
  double OnCompute(const Tensor& output, const Tensor& expected,
                   Tensor& gradient,
                   std::span<const float> class_weights) const override;

 private:
  LossAdapter adapter_;
};

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_CUSTOM_LOSS_H_
