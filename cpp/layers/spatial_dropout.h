#ifndef LAMELLA_LAYERS_SPATIAL_DROPOUT_H_
#define LAMELLA_LAYERS_SPATIAL_DROPOUT_H_

#include "layers/random_layer.h"

namespace lamella {

/// Dropout of whole channels of images: sets each channel of each image to zero
/// with `probability` while training and scales the others by 1 / (1 -
/// probability); passes everything through at inference, sharing memory. The
/// choice is new in every training pass. Probability 1 gives zeros. Source:
/// Tompson et al., "Efficient object localization using convolutional
/// networks", 2015, section 3.2.
class SpatialDropout2D final : public RandomLayer {
 public:
  static constexpr std::string_view kType = "SpatialDropout2D";

  /// Reads probability (default 0.5, in [0, 1]).
  SpatialDropout2D(Engine& engine, ConfigReader& reader);

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  /// to = from, images of the last pass's shape, with the factors of the last
  /// training pass.
  void Scale(const Tensor& from, float* to);

  double probability_;
  /// Factor of each channel of each image in the last training pass.
  Tensor factors_;
  /// Whether the last pass was one.
  bool masked_ = false;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_SPATIAL_DROPOUT_H_
