#ifndef LAMELLA_LAYERS_DENSE_H_
#define LAMELLA_LAYERS_DENSE_H_

#include "layers/weighted_layer.h"

namespace lamella {

/// Fully connected layer: Y = X W + b for X (batch, input_size), W
/// (input_size, output_size) and b (1, output_size).
class Dense final : public WeightedLayer {
 public:
  static constexpr std::string_view kType = "Dense";

  /// Reads outputSize (at least 1), inputSize (at least 1, default that of the
  /// first build), initialization (default "auto"), noBias (default false).
  explicit Dense(ConfigReader& reader);

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  Shape WeightsShape() const override;
  Shape BiasesShape() const override;
  size_t FanIn() const override { return input_shape_[0]; }
  bool WritesInputShape() const override { return false; }
  void WriteConfig(Config& config) const override;
  void OnForward(bool training) override;
  void OnBackward(const Tensor& output_gradient,
                  bool want_input_gradient) override;

 private:
  size_t output_size_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_DENSE_H_
