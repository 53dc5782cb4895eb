#ifndef LAMELLA_LAYERS_SEPARABLE_CONVOLUTION_H_
#define LAMELLA_LAYERS_SEPARABLE_CONVOLUTION_H_

#include <string_view>

#include "layers/convolutional.h"

namespace lamella {

/// Convolution of each channel of images (N, C, H, W) by kernels of its own, to
/// (N, C * depth_multiplier, H_out, W_out): channels m * c to m * c + m - 1 are
/// made of channel c. Sizes are those of `Convolutional`.
class DepthwiseConv2D final : public Convolutional {
 public:
  static constexpr std::string_view kType = "DepthwiseConv2D";

  /// Reads depthMultiplier (at least 1, default 1) and the options of
  /// `Convolutional` but outputDepth and groups.
  DepthwiseConv2D(Engine& engine, ConfigReader& reader);

 protected:
  Channels ChannelsOver(size_t input_channels) const override {
    return {input_channels * depth_multiplier_, input_channels};
  }
  Shape OutputShape(const Shape& input_shape) const override;
  void WriteConfig(Config& config) const override;

 private:
  size_t depth_multiplier_;
};

/// A depthwise convolution without biases, and the convolution by 1 x 1 of its
/// output. Source: Chollet, "Xception: deep learning with depthwise separable
/// convolutions", 2017.
class SeparableConv2D final : public WeightedLayer {
 public:
  static constexpr std::string_view kType = "SeparableConv2D";

  /// Reads outputDepth and the options of `DepthwiseConv2D`.
  SeparableConv2D(Engine& engine, ConfigReader& reader);

  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.role = LayerRole::kOtherActivation,
                                            .rectifies_output = true,
                                            .rectifies_gradient = true,
                                            .normalizes_output = true};
    return kTraits;
  }

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void DeclareWeights(NewWeights& weights) const override;
  bool WritesInputShape() const override { return built(); }
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  /// The geometries of the two convolutions.
  struct Geometries {
    ConvolutionGeometry depthwise;
    ConvolutionGeometry pointwise;
  };
  Geometries Over(const Shape& images) const;

  size_t output_depth_;
  size_t depth_multiplier_;
  Windows windows_;
  /// Of the last forward pass.
  ConvolutionPlan depthwise_ = {};
  ConvolutionPlan pointwise_ = {};
  /// The depthwise convolution's output, and the gradient with respect to it.
  Tensor middle_;
  Tensor middle_gradient_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_SEPARABLE_CONVOLUTION_H_
