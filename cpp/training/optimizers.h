// Optimizers: how parameters follow their gradients.
#ifndef LAMELLA_TRAINING_OPTIMIZERS_H_
#define LAMELLA_TRAINING_OPTIMIZERS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "kernels/optimizer_updates.h"
#include "layers/layer.h"

namespace lamella {

/// Common part of the optimizers: learning rate, regularisation, and state
/// tensors of each parameter ("slots"), kept by the parameter's name.
///
/// Weights are regularised; parameters whose name contains bias, beta or gamma
/// are not. The penalty acts on the way into the update: stored gradients stay
/// those of the loss.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  virtual std::string_view type() const = 0;

  /// All constructor arguments.
  Config GetConfig() const;

  double learning_rate() const { return learning_rate_; }
  /// Takes effect from the next step; value error unless finite and >= 0.
  void set_learning_rate(double learning_rate);

  /// Number of steps taken.
  uint64_t steps() const { return steps_; }

  /// Updates every parameter from its gradient. The first step allocates the
  /// state; later ones must bring the same parameters, under the same names
  /// and in the same order (state error).
  void Step(std::span<const Parameter> parameters);

  /// State under the names "{slot}_{parameter}", sharing memory.
  std::vector<NamedTensor> State() const;

 protected:
  enum class Regularization { kL1, kL2 };

  /// Reads learningRate, regularization ("L1" or "L2"), weightDecay.
  Optimizer(ConfigReader& reader, double learning_rate);

  /// Names of the state tensors each parameter has.
  virtual std::span<const std::string_view> SlotNames() const = 0;

  /// Updates one parameter; `slots` are its state tensors. `decays` tells
  /// whether it is regularised.
  virtual void Update(const Parameter& parameter, std::span<Tensor> slots,
                      bool decays) = 0;

  virtual void WriteConfig(Config& config) const = 0;

  /// The penalty as a term of the gradient.
  GradientPenalty Penalty(bool decays) const;

  double learning_rate_;
  Regularization regularization_;
  double weight_decay_;
  uint64_t steps_ = 0;

 private:
  struct Entry {
    std::string name;
    bool decays;
    std::vector<Tensor> slots;
  };

  void Allocate(std::span<const Parameter> parameters);

  std::vector<Entry> entries_;
};

/// Stochastic gradient descent with momentum: velocity = momentum * velocity -
/// learning_rate * gradient; parameter += velocity. Defaults: learningRate
/// 0.01, momentum 0.1, weightDecay 0.001.
class SGD : public Optimizer {
 public:
  explicit SGD(ConfigReader& reader);
  std::string_view type() const override { return "SGD"; }

 protected:
  std::span<const std::string_view> SlotNames() const override;
  void Update(const Parameter& parameter, std::span<Tensor> slots,
              bool decays) override;
  void WriteConfig(Config& config) const override;

 private:
  double momentum_;
};

/// RMSprop: each step is divided by a running root mean square of the gradient
/// (Tieleman, Hinton, 2012). Defaults: learningRate 0.001, decayRate 0.9,
/// epsilon 1e-8, weightDecay 0.001.
class RMSprop : public Optimizer {
 public:
  explicit RMSprop(ConfigReader& reader);
  std::string_view type() const override { return "RMSprop"; }

 protected:
  std::span<const std::string_view> SlotNames() const override;
  void Update(const Parameter& parameter, std::span<Tensor> slots,
              bool decays) override;
  void WriteConfig(Config& config) const override;

 private:
  double decay_rate_;
  double epsilon_;
};

/// Adam (Kingma, Ba, 2015). L2 weight decay is decoupled and acts on the
/// updated parameter, parameter *= 1 - learning_rate * weight_decay (PyTorch's
/// AdamW does so before the update); L1 is a term of the gradient. Defaults:
/// learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8, weightDecay
/// 0.001.
class Adam : public Optimizer {
 public:
  explicit Adam(ConfigReader& reader);
  std::string_view type() const override { return "Adam"; }

 protected:
  std::span<const std::string_view> SlotNames() const override;
  void Update(const Parameter& parameter, std::span<Tensor> slots,
              bool decays) override;
  void WriteConfig(Config& config) const override;

 private:
  double beta1_;
  double beta2_;
  double epsilon_;
};

/// Creates an optimizer from its class name and constructor arguments; value
/// error for an unknown name or option.
std::shared_ptr<Optimizer> CreateOptimizer(std::string_view type,
                                           const Config& config);

}  // namespace lamella

#endif  // LAMELLA_TRAINING_OPTIMIZERS_H_
