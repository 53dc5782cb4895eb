// Loss functions.
#ifndef LAMELLA_TRAINING_LOSSES_H_
#define LAMELLA_TRAINING_LOSSES_H_

#include <memory>
#include <span>
#include <string_view>

#include "base/component.h"
#include "tensor/axis.h"
#include "tensor/tensor.h"

namespace lamella {

/// A function that a model minimises. Output and expected output have the same
/// shape, the batch first, unless a loss takes class numbers; a loss is summed
/// over a sample and averaged over the batch, or over all positions where it
/// works along an axis.
class Loss : public Component {
 public:
  ~Loss() override;

  /// Value of the loss; `gradient` becomes its derivative with respect to
  /// `output`. Shape error when the shapes do not fit, value error as in
  /// `CheckExpected`. Each sample's loss is multiplied by its class's weight
  /// where `class_weights` is not empty; there are `Classes` of them.
  double Compute(const Tensor& output, const Tensor& expected, Tensor& gradient,
                 std::span<const float> class_weights = {}) const;

  /// Shape of an expected sample for outputs of `output` per sample.
  virtual Shape ExpectedShape(const Shape& output) const { return output; }

  /// Whether `expected` (batch, …) fits outputs of `output` per sample.
  virtual bool Fits(const Shape& expected, const Shape& output) const {
    return expected.WithoutFirst() == ExpectedShape(output);
  }

  /// Value error for impossible expected values, such as the number of a class
  /// that does not exist. Models call it before the forward pass, which changes
  /// running means.
  virtual void CheckExpected(const Tensor& /*expected*/,
                             const Shape& /*output*/) const {}

  /// Number of classes that can have weights; 0 for a loss that is not about
  /// classes.
  virtual size_t Classes(const Shape& /*output*/) const { return 0; }

  /// Shape error unless the loss can be computed for samples of this shape.
  void CheckSample(const Shape& sample) const {
    CheckShape(sample.Prepended(1));
  }

  /// Turns a model's output into a prediction, in place, by the activation that
  /// the loss includes. Does nothing by default.
  virtual void Activate(Tensor& /*output*/) const {}

  /// Whether a final layer with this `Layer::activation` and configuration,
  /// whose samples have the shape `output`, is already part of the loss, so
  /// that a model leaves it to the loss. Value error for one that does not fit
  /// the loss.
  virtual bool IncludesActivation(std::string_view /*activation*/,
                                  const Config& /*config*/,
                                  const Shape& /*output*/) const {
    return false;
  }

  /// Whether it is a mean over the samples of a batch.
  virtual bool IsMean() const { return true; }

  /// Fraction of right predictions in a batch of outputs (before `Activate`),
  /// or NaN for a loss that is not about classes.
  virtual double Accuracy(const Tensor& output, const Tensor& expected) const;

 protected:
  Loss(Engine& engine, std::string_view type);
  virtual void CheckShape(const Shape& shape) const;
  virtual double OnCompute(const Tensor& output, const Tensor& expected,
                           Tensor& gradient,
                           std::span<const float> class_weights) const = 0;
};

/// Mean squared error: sum over a sample of (output - expected)^2.
class MSE final : public Loss {
 public:
  static constexpr std::string_view kType = "MSE";

  MSE(Engine& engine, ConfigReader& /*reader*/) : Loss(engine, kType) {}

 protected:
  double OnCompute(const Tensor& output, const Tensor& expected,
                   Tensor& gradient,
                   std::span<const float> class_weights) const override;
};

/// Huber's loss: per output, with the difference d = output - expected, d^2 / 2
/// where |d| <= delta and delta * (|d| - delta / 2) beyond.
/// Source: Huber, "Robust estimation of a location parameter", 1964.
class Huber final : public Loss {
 public:
  static constexpr std::string_view kType = "Huber";

  /// Reads delta (default 1, greater than 0).
  Huber(Engine& engine, ConfigReader& reader);

 protected:
  void WriteConfig(Config& config) const override;
  double OnCompute(const Tensor& output, const Tensor& expected,
                   Tensor& gradient,
                   std::span<const float> class_weights) const override;

 private:
  double delta_;
};

/// Binary cross-entropy on logits, for one or several independent yes-or-no
/// outputs: max(z, 0) - z * y + log(1 + e^-|z|), which is
/// -y log s - (1 - y) log(1 - s) with s = sigmoid(z) and cannot overflow.
/// Predictions are sigmoid(z). Its classes are no and yes: their weights
/// multiply the terms of 1 - y and y.
class BinaryCrossEntropy final : public Loss {
 public:
  static constexpr std::string_view kType = "BinaryCrossEntropy";

  BinaryCrossEntropy(Engine& engine, ConfigReader& /*reader*/)
      : Loss(engine, kType) {}
  size_t Classes(const Shape& /*output*/) const override { return 2; }
  void Activate(Tensor& output) const override;
  bool IncludesActivation(std::string_view activation, const Config& config,
                          const Shape& output) const override;
  void CheckExpected(const Tensor& expected,
                     const Shape& output) const override;
  double Accuracy(const Tensor& output, const Tensor& expected) const override;

 protected:
  double OnCompute(const Tensor& output, const Tensor& expected,
                   Tensor& gradient,
                   std::span<const float> class_weights) const override;
};

/// Common part of the cross-entropies over classes, on logits whose classes lie
/// along one axis of a sample: (batch, classes), (batch, time, classes),
/// (batch, classes, height, width). Averaged over the batch and the places of
/// the other axes. Predictions are softmax(z / temperature).
class SoftmaxLoss : public Loss {
 public:
  size_t Classes(const Shape& output) const override {
    return output[axis_.Index(output)];
  }
  void Activate(Tensor& output) const override;
  bool IncludesActivation(std::string_view activation, const Config& config,
                          const Shape& output) const override;
  double Accuracy(const Tensor& output, const Tensor& expected) const override;

 protected:
  /// Reads temperature (default 1, greater than 0) and axis. `has_labels` tells
  /// whether class numbers are expected instead of distributions.
  SoftmaxLoss(Engine& engine, std::string_view type, ConfigReader& reader,
              bool has_labels);

  void WriteConfig(Config& config) const override;
  void CheckShape(const Shape& shape) const override;
  double OnCompute(const Tensor& output, const Tensor& expected,
                   Tensor& gradient,
                   std::span<const float> class_weights) const override;

  Axis axis_;

 private:
  double temperature_;
  bool has_labels_;
};

/// Categorical cross-entropy against a distribution over the classes, usually
/// one-hot: -sum(y * log softmax(z / temperature)). Exact and unbounded: there
/// is no epsilon inside the logarithm (the reference's 1e-8 caps the value at
/// 18.42 while its gradient is this one's).
class CategoricalCrossEntropy final : public SoftmaxLoss {
 public:
  static constexpr std::string_view kType = "CategoricalCrossEntropy";

  CategoricalCrossEntropy(Engine& engine, ConfigReader& reader)
      : SoftmaxLoss(engine, kType, reader, false) {}
  void CheckExpected(const Tensor& expected,
                     const Shape& output) const override;
};

/// The same loss against class numbers, whole numbers from 0 to classes - 1, in
/// the output's shape without the classes' axis, or (batch, 1) for (batch,
/// classes): -log softmax(z / temperature)[label].
class SparseCategoricalCrossEntropy final : public SoftmaxLoss {
 public:
  static constexpr std::string_view kType = "SparseCategoricalCrossEntropy";

  SparseCategoricalCrossEntropy(Engine& engine, ConfigReader& reader)
      : SoftmaxLoss(engine, kType, reader, true) {}
  Shape ExpectedShape(const Shape& output) const override;
  bool Fits(const Shape& expected, const Shape& output) const override;
  void CheckExpected(const Tensor& expected,
                     const Shape& output) const override;
};

/// Creates a loss from its class name and constructor arguments; value error
/// for an unknown name or option.
std::shared_ptr<Loss> CreateLoss(Engine& engine, std::string_view type,
                                 const Config& config);

}  // namespace lamella

#endif  // LAMELLA_TRAINING_LOSSES_H_
