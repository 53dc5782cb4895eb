// Losses and optimizers.

#include "bindings/foreign_loss.h"
#include "bindings/handles.h"
#include "bindings/wire.h"
#include "training/losses.h"
#include "training/optimizers.h"

namespace lamella::bindings {

using LossPointer = std::shared_ptr<Loss>;
using OptimizerPointer = std::shared_ptr<Optimizer>;

LossPointer* NewLoss(const Text& type, const Settings& config) {
  return new LossPointer(CreateLoss(type, Config(config)));
}

LossPointer* NewForeignLoss(const Text& type, AdapterId adapter) {
  return new LossPointer(new ForeignLoss(type, adapter));
}

double LossValue(const LossPointer& loss, const Tensor& output,
                 const Tensor& expected) {
  Tensor gradient;
  return loss->Compute(output, expected, gradient);
}

Tensor* LossGradient(const LossPointer& loss, const Tensor& output,
                     const Tensor& expected) {
  Tensor gradient;
  loss->Compute(output, expected, gradient);
  return NewTensor(gradient);
}

Settings* LossConfig(const LossPointer& loss) {
  return NewSettings(loss->GetConfig());
}

OptimizerPointer* NewOptimizer(const Text& type, const Settings& config) {
  return new OptimizerPointer(CreateOptimizer(type, Config(config)));
}

Settings* OptimizerConfig(const OptimizerPointer& optimizer) {
  return NewSettings(optimizer->GetConfig());
}

void SetLearningRate(const OptimizerPointer& optimizer, double learning_rate) {
  optimizer->set_learning_rate(learning_rate);
}

void OptimizerStep(const OptimizerPointer& optimizer,
                   const Records& parameters) {
  optimizer->Step(ToParameters(parameters));
}

Records* OptimizerState(const OptimizerPointer& optimizer) {
  return NewRecords(optimizer->state());
}

double OptimizerSteps(const OptimizerPointer& optimizer) {
  return static_cast<double>(optimizer->steps());
}

EMSCRIPTEN_BINDINGS(losses_optimizers) {
  RegisterHandle<LossPointer>("Loss");
  Bind("Loss.value", &LossValue);
  Bind("Loss.gradient", &LossGradient);
  Bind("Loss.getConfig", &LossConfig);
  Bind("createLoss", &NewLoss);
  Bind("createForeignLoss", &NewForeignLoss);

  RegisterHandle<OptimizerPointer>("Optimizer");
  Bind("Optimizer.getConfig", &OptimizerConfig);
  Bind("Optimizer.setLearningRate", &SetLearningRate);
  Bind("Optimizer.step", &OptimizerStep);
  Bind("Optimizer.state", &OptimizerState);
  Bind("Optimizer.steps", &OptimizerSteps);
  Bind("createOptimizer", &NewOptimizer);
}

}  // namespace lamella::bindings
