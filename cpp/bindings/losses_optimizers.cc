// Losses and optimizers.

#include <emscripten/bind.h>

#include "bindings/convert.h"
#include "bindings/foreign_loss.h"
#include "training/losses.h"
#include "training/optimizers.h"

namespace lamella::bindings {

using emscripten::val;
using LossPointer = std::shared_ptr<Loss>;
using OptimizerPointer = std::shared_ptr<Optimizer>;

LossPointer NewLoss(const std::string& type, const val& config) {
  return CreateLoss(type, ToConfig(type.c_str(), config));
}

LossPointer NewForeignLoss(const val& adapter) {
  return LossPointer(new ForeignLoss(adapter));
}

// {value, gradient}.
val LossCompute(const Loss& loss, const Tensor& output,
                const Tensor& expected) {
  Tensor gradient;
  val result = val::object();
  result.set("value", loss.Compute(output, expected, gradient));
  result.set("gradient", gradient);
  return result;
}

val LossConfig(const Loss& loss) { return FromConfig(loss.GetConfig()); }

OptimizerPointer NewOptimizer(const std::string& type, const val& config) {
  return CreateOptimizer(type, ToConfig(type.c_str(), config));
}

val OptimizerConfig(const Optimizer& optimizer) {
  return FromConfig(optimizer.GetConfig());
}

void SetLearningRate(Optimizer& optimizer, double learning_rate) {
  optimizer.set_learning_rate(learning_rate);
}

void OptimizerStep(Optimizer& optimizer, const val& parameters) {
  optimizer.Step(ToParameters(parameters));
}

val OptimizerState(const Optimizer& optimizer) {
  return FromNamedTensors(optimizer.State());
}

double OptimizerSteps(const Optimizer& optimizer) {
  return static_cast<double>(optimizer.steps());
}

EMSCRIPTEN_BINDINGS(losses_optimizers) {
  using emscripten::class_;
  using emscripten::function;

  class_<Loss>("Loss")
      .smart_ptr<LossPointer>("LossPointer")
      .function("compute", &LossCompute)
      .function("getConfig", &LossConfig);
  function("createLoss", &NewLoss);
  function("createForeignLoss", &NewForeignLoss);

  class_<Optimizer>("Optimizer")
      .smart_ptr<OptimizerPointer>("OptimizerPointer")
      .function("getConfig", &OptimizerConfig)
      .function("setLearningRate", &SetLearningRate)
      .function("step", &OptimizerStep)
      .function("state", &OptimizerState)
      .function("steps", &OptimizerSteps);
  function("createOptimizer", &NewOptimizer);
}

}  // namespace lamella::bindings
