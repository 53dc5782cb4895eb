#ifndef LAMELLA_TRAINING_JOINT_LOSS_H_
#define LAMELLA_TRAINING_JOINT_LOSS_H_

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "training/losses.h"

namespace lamella {

/// A loss for each of several outputs, whose samples stand one behind the other
/// in a vector, and so do the expected ones: the weighted sum of all.
class JointLoss final : public Loss {
 public:
  static constexpr std::string_view kType = "Joint";

  struct Part {
    std::shared_ptr<Loss> loss;
    /// Shape of a sample.
    Shape output;
    /// Factor of the loss.
    float weight;
  };

  /// Shape error for an output that its loss cannot take.
  JointLoss(Engine& engine, std::vector<Part> parts);

  Shape ExpectedShape(const Shape& output) const override;
  void CheckExpected(const Tensor& expected,
                     const Shape& output) const override;
  void Activate(Tensor& output) const override;
  bool IsMean() const override;
  /// That of the one loss that is about classes, if there is one.
  double Accuracy(const Tensor& output, const Tensor& expected) const override;

 protected:
  void CheckShape(const Shape& shape) const override;
  double OnCompute(const Tensor& output, const Tensor& expected,
                   Tensor& gradient,
                   std::span<const float> class_weights) const override;

 private:
  /// Copies of one part's samples of a batch.
  struct Samples {
    Tensor output, expected, gradient;
  };
  /// Copies a part's out of all outputs, or expected outputs.
  void TakeOutput(const Tensor& outputs, size_t part) const;
  void TakeExpected(const Tensor& expected, size_t part) const;
  /// Offset of a part in all outputs, and in all expected ones.
  size_t Offset(size_t part) const;
  size_t ExpectedOffset(size_t part) const;
  size_t ExpectedSize(const Part& part) const;

  std::vector<Part> parts_;
  /// For each part, so that a step allocates nothing.
  mutable std::vector<Samples> samples_;
};

}  // namespace lamella

#endif  // LAMELLA_TRAINING_JOINT_LOSS_H_
