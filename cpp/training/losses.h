// Loss functions.
#ifndef LAMELLA_TRAINING_LOSSES_H_
#define LAMELLA_TRAINING_LOSSES_H_

#include <memory>
#include <string_view>

#include "base/config.h"
#include "tensor/tensor.h"

namespace lamella {

/// What a model minimises. Output and expected output have the same shape, the
/// batch first; a loss is summed over a sample and averaged over the batch.
class Loss {
 public:
  virtual ~Loss() = default;
  Loss(const Loss&) = delete;
  Loss& operator=(const Loss&) = delete;

  virtual std::string_view type() const = 0;

  /// All constructor arguments.
  Config GetConfig() const;

  /// Value of the loss; `gradient` becomes its derivative with respect to
  /// `output`. Shape error when the shapes differ.
  double Compute(const Tensor& output, const Tensor& expected,
                 Tensor& gradient) const;

  /// Shape error unless outputs of this shape per sample have such a loss.
  void CheckSample(const Shape& sample) const {
    CheckShape(sample.Prepended(1));
  }

  /// What turns a model's output into a prediction, in place: the activation
  /// that the loss includes. Nothing by default.
  virtual void Activate(Tensor& /*output*/) const {}

  /// Whether a final layer of this type and configuration is already part of
  /// the loss, so that a model leaves it to the loss.
  virtual bool IncludesActivation(std::string_view /*type*/,
                                  const Config& /*config*/) const {
    return false;
  }

  /// Fraction of right predictions in a batch of outputs (before `Activate`),
  /// or NaN for a loss that is not about classes.
  virtual double Accuracy(const Tensor& output, const Tensor& expected) const;

 protected:
  Loss() = default;
  virtual void WriteConfig(Config& /*config*/) const {}
  virtual void CheckShape(const Shape& shape) const;
  virtual double OnCompute(const Tensor& output, const Tensor& expected,
                           Tensor& gradient) const = 0;
};

/// Mean squared error: sum over a sample of (output - expected)^2.
class MSE : public Loss {
 public:
  static std::shared_ptr<Loss> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "MSE"; }

 protected:
  double OnCompute(const Tensor& output, const Tensor& expected,
                   Tensor& gradient) const override;
};

/// Binary cross-entropy on logits, for one or several independent yes-or-no
/// outputs: max(z, 0) - z * y + log(1 + e^-|z|), which is
/// -y log s - (1 - y) log(1 - s) with s = sigmoid(z) and cannot overflow.
/// Predictions are sigmoid(z).
class BinaryCrossEntropy : public Loss {
 public:
  static std::shared_ptr<Loss> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "BinaryCrossEntropy"; }
  void Activate(Tensor& output) const override;
  bool IncludesActivation(std::string_view type,
                          const Config& config) const override;
  double Accuracy(const Tensor& output, const Tensor& expected) const override;

 protected:
  double OnCompute(const Tensor& output, const Tensor& expected,
                   Tensor& gradient) const override;
};

/// Categorical cross-entropy on logits (batch, classes) against a distribution
/// over the classes, usually one-hot: -sum(y * log softmax(z / temperature)).
/// Exact and unbounded: there is no epsilon inside the logarithm (the
/// reference's 1e-8 caps the value at 18.42 while its gradient is this one's).
/// Predictions are softmax(z / temperature).
class CategoricalCrossEntropy : public Loss {
 public:
  explicit CategoricalCrossEntropy(double temperature)
      : temperature_(temperature) {}
  /// Reads temperature (default 1, greater than 0).
  static std::shared_ptr<Loss> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "CategoricalCrossEntropy"; }
  void Activate(Tensor& output) const override;
  bool IncludesActivation(std::string_view type,
                          const Config& config) const override;
  double Accuracy(const Tensor& output, const Tensor& expected) const override;

 protected:
  void WriteConfig(Config& config) const override;
  void CheckShape(const Shape& shape) const override;
  double OnCompute(const Tensor& output, const Tensor& expected,
                   Tensor& gradient) const override;

 private:
  double temperature_;
};

/// Creates a loss from its class name and constructor arguments; value error
/// for an unknown name or option.
std::shared_ptr<Loss> CreateLoss(std::string_view type, const Config& config);

}  // namespace lamella

#endif  // LAMELLA_TRAINING_LOSSES_H_
