// Losses and optimizers.

#include <emscripten/bind.h>

#include "bindings/convert.h"
#include "bindings/foreign_loss.h"
#include "bindings/handles.h"
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

// {value, gradient}. By value: see module.cc.
val LossCompute(const LossPointer& loss, const Tensor& output,
                const Tensor& expected) {
  Tensor gradient;
  val result = val::object();
  result.set("value", loss->Compute(output, expected, gradient));
  result.set("gradient", gradient);
  return result;
}

val LossConfig(const LossPointer& loss) {
  return FromConfig(loss->GetConfig());
}

OptimizerPointer NewOptimizer(const std::string& type, const val& config) {
  return CreateOptimizer(type, ToConfig(type.c_str(), config));
}

val OptimizerConfig(const OptimizerPointer& optimizer) {
  return FromConfig(optimizer->GetConfig());
}

void SetLearningRate(const OptimizerPointer& optimizer, double learning_rate) {
  optimizer->set_learning_rate(learning_rate);
}

void OptimizerStep(const OptimizerPointer& optimizer, const val& parameters) {
  optimizer->Step(ToParameters(parameters));
}

val OptimizerState(const OptimizerPointer& optimizer) {
  return FromNamedTensors(optimizer->State());
}

double OptimizerSteps(const OptimizerPointer& optimizer) {
  return static_cast<double>(optimizer->steps());
}

EMSCRIPTEN_BINDINGS(losses_optimizers) {
  using emscripten::function;

  RegisterHandle<LossPointer>("Loss");
  function("Loss.compute", &LossCompute);
  function("Loss.getConfig", &LossConfig);
  function("createLoss", &NewLoss);
  function("createForeignLoss", &NewForeignLoss);

  RegisterHandle<OptimizerPointer>("Optimizer");
  function("Optimizer.getConfig", &OptimizerConfig);
  function("Optimizer.setLearningRate", &SetLearningRate);
  function("Optimizer.step", &OptimizerStep);
  function("Optimizer.state", &OptimizerState);
  function("Optimizer.steps", &OptimizerSteps);
  function("createOptimizer", &NewOptimizer);
}

}  // namespace lamella::bindings
