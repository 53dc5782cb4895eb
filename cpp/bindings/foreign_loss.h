#ifndef LAMELLA_BINDINGS_FOREIGN_LOSS_H_
#define LAMELLA_BINDINGS_FOREIGN_LOSS_H_

#include <span>

#include "bindings/adapter.h"
#include "training/losses.h"

namespace lamella::bindings {

/// A loss written in TypeScript, seen from the engine: `ForeignLossAdapter` of
/// native.ts.
class ForeignLoss : public Loss {
 public:
  ForeignLoss(std::string_view type, AdapterId adapter);
  bool IsMean() const override { return false; }

 protected:
  double OnCompute(const Tensor& output, const Tensor& expected,
                   Tensor& gradient,
                   std::span<const float> class_weights) const override;

 private:
  Adapter adapter_;
};

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_FOREIGN_LOSS_H_
