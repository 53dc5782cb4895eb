// Losses in JavaScript's hands.

#include <emscripten/bind.h>

#include <memory>

#include "bindings/custom_loss.h"
#include "bindings/engine.h"
#include "bindings/errors.h"
#include "bindings/values.h"
#include "training/losses.h"

namespace lamella::bindings {

using LossPointer = std::shared_ptr<Loss>;

LossPointer NewLoss(const Text& type, const Settings& settings) {
  return CreateLoss(TheEngine(), ToString(type), ToConfig(settings));
}

LossPointer NewCustomLoss(const Text& type, const LossAdapter& adapter) {
  return std::make_shared<CustomLoss>(TheEngine(), ToString(type), adapter);
}

double LossValue(const LossPointer& loss, const Tensor& output,
                 const Tensor& expected) {
  Tensor gradient;
  return loss->Compute(output, expected, gradient);
}

Tensor LossGradient(const LossPointer& loss, const Tensor& output,
                    const Tensor& expected) {
  Tensor gradient;
  loss->Compute(output, expected, gradient);
  return gradient;
}

Settings LossConfig(Loss& loss) { return FromConfig(loss.GetConfig()); }

EMSCRIPTEN_BINDINGS(loss) {
  emscripten::register_type<LossAdapter>("object");

  emscripten::class_<Loss>("Loss")
      .smart_ptr<LossPointer>("LossPointer")
      .function("value", Guarded<&LossValue>)
      .function("gradient", Guarded<&LossGradient>)
      .function("getConfig", Guarded<&LossConfig>);

  using emscripten::nonnull, emscripten::ret_val;
  emscripten::function("createLoss", Guarded<&NewLoss>, nonnull<ret_val>());
  emscripten::function("createCustomLoss", Guarded<&NewCustomLoss>,
                       nonnull<ret_val>());
}

}  // namespace lamella::bindings
