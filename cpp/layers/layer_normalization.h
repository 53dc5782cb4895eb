#ifndef LAMELLA_LAYERS_LAYER_NORMALIZATION_H_
#define LAMELLA_LAYERS_LAYER_NORMALIZATION_H_

#include <memory>

#include "layers/layer.h"

namespace lamella {

/// Layer normalization (Ba, Kiros, Hinton, 2016): every sample is normalized by
/// the mean and biased variance of all its numbers, y = gamma * (x - mean) /
/// sqrt(variance + epsilon) + beta, in training and inference alike. gamma and
/// beta have a number for each of the sample's: shape (1, …input_shape).
class LayerNormalization : public Layer {
 public:
  explicit LayerNormalization(double epsilon) : epsilon_(epsilon) {}
  /// Reads epsilon (default 1e-5).
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "LayerNormalization"; }

  std::vector<Parameter> Params() override;

 protected:
  Shape OutputShape(const Shape& input_shape) const override {
    return input_shape;
  }
  void OnBuild() override;
  bool NeedsBuild() const override { return true; }
  void WriteConfig(Config& config) const override;
  void OnForward(bool training) override;
  void OnBackward(const Tensor& output_gradient,
                  bool want_input_gradient) override;

 private:
  double epsilon_;
  Tensor gamma_, beta_, gamma_gradient_, beta_gradient_;
  /// Of the last pass.
  Tensor normalized_, inverse_deviation_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_LAYER_NORMALIZATION_H_
