#ifndef LAMELLA_LAYERS_CONVOLUTIONAL_H_
#define LAMELLA_LAYERS_CONVOLUTIONAL_H_

#include <memory>

#include "kernels/convolution.h"
#include "layers/weighted_layer.h"

namespace lamella {

/// Zero padding of a convolution, resolved from the `padding` argument.
struct Padding {
  /// The argument as given: a number, "valid" (none), or "same", which keeps
  /// height and width at stride 1. "same" depends on the kernel alone:
  /// (k - 1) / 2 zeros before and k / 2 after, rounded down, so that an even
  /// kernel keeps the size too. With a larger stride that differs from
  /// TensorFlow, whose padding depends on the image.
  ConfigValue argument;
  size_t before = 0;
  size_t after = 0;
};

/// 2D convolution (cross-correlation, as everywhere in this field) of images
/// (N, C_in, H, W) to (N, C_out, H_out, W_out), by matrix products over image
/// columns (im2col). H_out = floor((H + padding - kernel_size) / stride) + 1.
class Convolutional : public WeightedLayer {
 public:
  Convolutional(size_t output_depth, size_t kernel_size,
                Initialization initialization, bool no_bias, Padding padding,
                size_t stride);

  /// Reads outputDepth, kernelSize, initialization, noBias, padding, stride.
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);

  std::string_view type() const override { return "Convolutional"; }

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  Shape WeightsShape() const override;
  Shape BiasesShape() const override { return {output_depth_}; }
  size_t FanIn() const override {
    return input_shape_[0] * kernel_size_ * kernel_size_;
  }
  bool WritesInputShape() const override { return built(); }
  void WriteConfig(Config& config) const override;
  void OnForward(bool training) override;
  void OnBackward(const Tensor& output_gradient,
                  bool want_input_gradient) override;

 private:
  ConvolutionGeometry Geometry() const;

  size_t output_depth_;
  size_t kernel_size_;
  Padding padding_;
  size_t stride_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_CONVOLUTIONAL_H_
