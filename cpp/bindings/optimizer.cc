// Optimizers in JavaScript's hands.

#include <emscripten/bind.h>

#include <memory>

#include "bindings/engine.h"
#include "bindings/errors.h"
#include "bindings/values.h"
#include "training/optimizers.h"

namespace lamella::bindings {

using OptimizerPointer = std::shared_ptr<Optimizer>;

OptimizerPointer NewOptimizer(const Text& type, const Settings& settings) {
  return CreateOptimizer(TheEngine(), ToString(type), ToConfig(settings));
}

Settings OptimizerConfig(Optimizer& optimizer) {
  return FromConfig(optimizer.GetConfig());
}

void SetLearningRate(Optimizer& optimizer, double learning_rate) {
  optimizer.set_learning_rate(learning_rate);
}

void Step(const OptimizerPointer& optimizer, const ParameterList& parameters) {
  optimizer->Step(ToParameters(parameters));
}

ParameterList OptimizerState(Optimizer& optimizer) {
  return FromParameters(optimizer.state());
}

double Steps(Optimizer& optimizer) {
  return static_cast<double>(optimizer.steps());
}

EMSCRIPTEN_BINDINGS(optimizer) {
  emscripten::class_<Optimizer>("Optimizer")
      .smart_ptr<OptimizerPointer>("OptimizerPointer")
      .function("getConfig", Guarded<&OptimizerConfig>)
      .function("setLearningRate", Guarded<&SetLearningRate>)
      .function("step", Guarded<&Step>)
      .function("state", Guarded<&OptimizerState>)
      .function("steps", Guarded<&Steps>);

  using emscripten::nonnull, emscripten::ret_val;
  emscripten::function("createOptimizer", Guarded<&NewOptimizer>,
                       nonnull<ret_val>());
}

}  // namespace lamella::bindings
