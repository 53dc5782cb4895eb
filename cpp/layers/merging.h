// Layers that make one value of several.
#ifndef LAMELLA_LAYERS_MERGING_H_
#define LAMELLA_LAYERS_MERGING_H_

#include <string_view>
#include <vector>

#include "layers/merge_layer.h"
#include "tensor/axis.h"

namespace lamella {

/// The sum of the inputs. (`Add` is the kernel's name.)
class AddLayer final : public MergeLayer {
 public:
  static constexpr std::string_view kType = "Add";

  AddLayer(Engine& engine, ConfigReader& /*reader*/)
      : MergeLayer(engine, kType) {}

 protected:
  void Merge() override;
  void ComputeGradients(const Tensor& output_gradient) override;
};

/// The mean of the inputs.
class Average final : public MergeLayer {
 public:
  static constexpr std::string_view kType = "Average";

  Average(Engine& engine, ConfigReader& /*reader*/)
      : MergeLayer(engine, kType) {}

 protected:
  void Merge() override;
  void ComputeGradients(const Tensor& output_gradient) override;

 private:
  /// Every input's gradient.
  Tensor part_;
};

/// The greatest of the inputs' numbers at each place; NaN stays NaN. Inputs
/// that are equally great share the gradient as in max(max(a, b), c).
class Maximum final : public MergeLayer {
 public:
  static constexpr std::string_view kType = "Maximum";

  Maximum(Engine& engine, ConfigReader& /*reader*/)
      : MergeLayer(engine, kType) {}

 protected:
  void Merge() override;
  void ComputeGradients(const Tensor& output_gradient) override;

 private:
  /// Pointers to the inputs' numbers and to those of their gradients, kept so
  /// that a step allocates nothing.
  std::vector<const float*> places_;
  std::vector<float*> gradient_places_;
};

/// The product of the inputs. The numbers of an input with 1 in the place of
/// its last dimensions stand for all along them: [C, 1, 1] weighs the channels
/// of [C, H, W].
class MultiplyLayer final : public MergeLayer {
 public:
  static constexpr std::string_view kType = "Multiply";

  MultiplyLayer(Engine& engine, ConfigReader& /*reader*/)
      : MergeLayer(engine, kType) {}

 protected:
  Shape MergedShape(std::span<const Shape> shapes) const override;
  void Merge() override;
  void ComputeGradients(const Tensor& output_gradient) override;

 private:
  /// Index of an input that has the output's shape.
  size_t Whole() const;
  /// product = values * the input's, the first two of the output's shape.
  void MultiplyBy(size_t input, const float* values, float* product);
};

/// The inputs one behind the other along an axis: of images by default the
/// channels, of vectors and sequences the features.
class Concatenate final : public MergeLayer {
 public:
  static constexpr std::string_view kType = "Concatenate";

  /// Reads axis.
  Concatenate(Engine& engine, ConfigReader& reader)
      : MergeLayer(engine, kType), axis_(kType, reader) {}

 protected:
  void WriteConfig(Config& config) const override { axis_.WriteConfig(config); }
  Shape MergedShape(std::span<const Shape> shapes) const override;
  void Merge() override;
  void ComputeGradients(const Tensor& output_gradient) override;

 private:
  Axis axis_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_MERGING_H_
