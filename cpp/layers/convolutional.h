#ifndef LAMELLA_LAYERS_CONVOLUTIONAL_H_
#define LAMELLA_LAYERS_CONVOLUTIONAL_H_

#include "kernels/convolution.h"
#include "layers/weighted_layer.h"

namespace lamella {

/// Zero padding of a convolution, resolved from the `padding` argument.
struct Padding {
  /// The argument as given, unless it was a number: "valid" (none), or "same",
  /// which keeps height and width at stride 1. "same" depends on the kernel
  /// alone: with its extent k, (k - 1) / 2 zeros before and k / 2 after,
  /// rounded down, so that an even kernel keeps the size too. With a larger
  /// stride that differs from TensorFlow, whose padding depends on the image.
  const char* name = "valid";
  size_t before = 0;
  size_t after = 0;
};

/// 2D convolution (cross-correlation, as everywhere in this field) of images
/// (N, C_in, H, W) to (N, C_out, H_out, W_out), by matrix products over image
/// columns (im2col). H_out = floor((H + padding - extent) / stride) + 1, where
/// extent = (kernel_size - 1) * dilation + 1 is how far a kernel reaches.
///
/// Channels are split into `groups` parts that do not see each other; as many
/// groups as channels make a depthwise convolution.
class Convolutional final : public WeightedLayer {
 public:
  static constexpr std::string_view kType = "Convolutional";

  /// Reads outputDepth and kernelSize (at least 1), initialization (default
  /// "auto"), noBias (default false), padding ("valid", "same" or at least 0,
  /// default "valid"), stride, groups and dilation (at least 1, default 1).
  explicit Convolutional(ConfigReader& reader);

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  Shape WeightsShape() const override;
  Shape BiasesShape() const override { return {output_depth_}; }
  size_t FanIn() const override {
    return input_shape_[0] / groups_ * kernel_size_ * kernel_size_;
  }
  bool WritesInputShape() const override { return built(); }
  void WriteConfig(Config& config) const override;
  void OnForward(bool training) override;
  void OnBackward(const Tensor& output_gradient,
                  bool want_input_gradient) override;

 private:
  ConvolutionGeometry Geometry() const;
  size_t Extent() const { return (kernel_size_ - 1) * dilation_ + 1; }

  size_t output_depth_;
  size_t kernel_size_;
  size_t stride_;
  size_t groups_;
  size_t dilation_;
  Padding padding_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_CONVOLUTIONAL_H_
