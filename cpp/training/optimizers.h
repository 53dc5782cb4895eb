// Optimizers: how parameters follow their gradients.
#ifndef LAMELLA_TRAINING_OPTIMIZERS_H_
#define LAMELLA_TRAINING_OPTIMIZERS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/component.h"
#include "kernels/optimizer_updates.h"
#include "layers/layer.h"

namespace lamella {

/// Common part of the optimizers: learning rate, regularisation, clipping, and
/// state tensors of each parameter ("slots"), kept by the parameter's name.
///
/// Parameters that decay are regularised, others are not. The penalty acts on
/// the way into the update: stored gradients stay those of the loss.
///
/// With clipNorm, gradients whose common Euclidean norm (over all trainable
/// parameters, before any penalty) is greater are scaled down to it (Pascanu,
/// Mikolov, Bengio, "On the difficulty of training recurrent neural networks",
/// 2013, algorithm 1).
class Optimizer : public Component {
 public:
  ~Optimizer() override;

  Config GetConfig() const override;

  double learning_rate() const { return learning_rate_; }
  /// Takes effect from the next step; value error unless finite and >= 0.
  void set_learning_rate(double learning_rate);

  /// Number of steps taken.
  uint64_t steps() const { return steps_; }

  /// Updates every trainable parameter from its gradient. The first step
  /// allocates the state; later ones must bring the same parameters, under the
  /// same names and in the same order (state error).
  void Step(std::span<const Parameter> parameters);

  /// Tensors under the names "{slot}_{parameter}", all of one parameter in a
  /// row; none before the first step.
  const std::vector<Parameter>& state() const { return state_; }

  /// Allocates the state for such parameters, all zeros, as if `steps` steps
  /// had been taken. With another optimizer's `state` copied into it, this one
  /// then continues where that one was.
  void Prepare(std::span<const Parameter> parameters, uint64_t steps);

 protected:
  enum class Regularization { kL1, kL2, kDecoupled };

  /// Reads learningRate, regularization ("L1" or "L2"), weightDecay, clipNorm.
  /// Weight decay that is always decoupled from the gradient has no
  /// regularization to read.
  Optimizer(Engine& engine, std::string_view type, ConfigReader& reader,
            double learning_rate, bool decoupled = false);

  /// Names of the state tensors each parameter has.
  virtual std::span<const std::string_view> SlotNames() const = 0;

  /// Updates one parameter; `slots` are its state tensors. `decays` tells
  /// whether it is regularised.
  virtual void Update(const Parameter& parameter, std::span<Parameter> slots,
                      bool decays) = 0;

  /// The penalty as a term of the gradient, and the clipping.
  GradientPenalty Penalty(bool decays) const;

  double learning_rate_;
  Regularization regularization_;
  double weight_decay_;
  uint64_t steps_ = 0;

 private:
  float ClipScale(std::span<const Parameter> parameters) const;

  /// Greatest norm of the gradients, 0 for no clipping.
  double clip_norm_;
  /// Factor of all gradients in the present step.
  float clip_scale_ = 1.0f;
  std::vector<Parameter> state_;
};

/// Stochastic gradient descent with momentum: velocity = momentum * velocity -
/// learning_rate * gradient; parameter += velocity. With nesterov the parameter
/// moves by momentum * velocity - learning_rate * gradient instead. Defaults:
/// learningRate 0.01, momentum 0, nesterov false, weightDecay 0.
class SGD final : public Optimizer {
 public:
  static constexpr std::string_view kType = "SGD";

  /// Reads momentum (default 0, in [0, 1]), nesterov (default false), and what
  /// every optimizer has: learningRate, weightDecay (default 0, at least 0),
  /// regularization (default "L2"), clipNorm (greater than 0, default none).
  SGD(Engine& engine, ConfigReader& reader);

 protected:
  std::span<const std::string_view> SlotNames() const override;
  void Update(const Parameter& parameter, std::span<Parameter> slots,
              bool decays) override;
  void WriteConfig(Config& config) const override;

 private:
  double momentum_;
  bool nesterov_;
};

/// RMSprop: each step is divided by a running root mean square of the gradient
/// (Tieleman, Hinton, 2012). Defaults: learningRate 0.001, decayRate 0.9,
/// epsilon 1e-8, weightDecay 0.
class RMSprop final : public Optimizer {
 public:
  static constexpr std::string_view kType = "RMSprop";

  /// Reads decayRate (default 0.9, in [0, 1)), epsilon (default 1e-8, at least
  /// 0), and what every optimizer has.
  RMSprop(Engine& engine, ConfigReader& reader);

 protected:
  std::span<const std::string_view> SlotNames() const override;
  void Update(const Parameter& parameter, std::span<Parameter> slots,
              bool decays) override;
  void WriteConfig(Config& config) const override;

 private:
  double decay_rate_;
  double epsilon_;
};

/// Adam (Kingma, Ba, 2015). L2 weight decay is decoupled and acts on the
/// updated parameter, parameter *= 1 - learning_rate * weight_decay; L1 is a
/// term of the gradient. Defaults: learningRate 0.001, beta1 0.9, beta2 0.999,
/// epsilon 1e-8, weightDecay 0.
class Adam : public Optimizer {
 public:
  static constexpr std::string_view kType = "Adam";

  /// Reads beta1 (default 0.9) and beta2 (default 0.999), in [0, 1), epsilon
  /// (default 1e-8, at least 0), and what every optimizer has.
  Adam(Engine& engine, ConfigReader& reader)
      : Adam(engine, kType, reader, false) {}

 protected:
  Adam(Engine& engine, std::string_view type, ConfigReader& reader,
       bool decoupled);

  std::span<const std::string_view> SlotNames() const override;
  void Update(const Parameter& parameter, std::span<Parameter> slots,
              bool decays) override;
  void WriteConfig(Config& config) const override;

 private:
  double beta1_;
  double beta2_;
  double epsilon_;
};

/// Adam whose weight decay comes before the update and never passes through the
/// gradient, as in PyTorch: parameter *= 1 - learning_rate * weight_decay, then
/// Adam's step (Loshchilov, Hutter, "Decoupled weight decay regularization",
/// 2019). Defaults: those of Adam, but weightDecay 0.01.
class AdamW final : public Adam {
 public:
  static constexpr std::string_view kType = "AdamW";

  /// Reads what Adam does, without regularization; weightDecay's default is
  /// 0.01.
  AdamW(Engine& engine, ConfigReader& reader)
      : Adam(engine, kType, reader, true) {}
};

/// Creates an optimizer from its class name and constructor arguments; value
/// error for an unknown name or option.
std::shared_ptr<Optimizer> CreateOptimizer(Engine& engine,
                                           std::string_view type,
                                           const Config& config);

}  // namespace lamella

#endif  // LAMELLA_TRAINING_OPTIMIZERS_H_
