#ifndef LAMELLA_LAYERS_LAYER_NORMALIZATION_H_
#define LAMELLA_LAYERS_LAYER_NORMALIZATION_H_

#include "layers/layer.h"
#include "tensor/axis.h"

namespace lamella {

/// Layer normalization (Ba, Kiros, Hinton, 2016): every sample is normalized by
/// the mean and biased variance of all its numbers, y = gamma * (x - mean) /
/// sqrt(variance + epsilon) + beta, in training and inference alike. gamma and
/// beta have a number for each of the sample's: shape (1, …input_shape). With
/// an axis every position is normalized by its numbers along that axis, and
/// gamma and beta have the shape (1, size of the axis).
class LayerNormalization final : public Layer {
 public:
  static constexpr std::string_view kType = "LayerNormalization";

  /// Reads epsilon (default 1e-5, at least 0) and axis, whose default is none:
  /// all numbers of a sample.
  LayerNormalization(Engine& engine, ConfigReader& reader);

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void CollectParams(std::vector<Parameter>& params) override;
  void OnBuild() override;
  void CollectBuilt(std::vector<Tensor*>& tensors) override;
  bool NeedsBuild() const override { return true; }
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  /// The last pass's input, of which all numbers or one axis are normalized.
  AxisView View() const;

  double epsilon_;
  Axis axis_;
  Parameter gamma_, beta_;
  /// Of the last pass: (positions, features) and (positions).
  Tensor normalized_, inverse_deviation_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_LAYER_NORMALIZATION_H_
