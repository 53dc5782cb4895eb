#ifndef LAMELLA_LAYERS_TRANSPOSED_CONVOLUTION_H_
#define LAMELLA_LAYERS_TRANSPOSED_CONVOLUTION_H_

#include <array>
#include <string_view>

#include "kernels/convolution.h"
#include "layers/weighted_layer.h"

namespace lamella {

/// Images (N, C_in, H, W) to larger ones, (N, C_out, H_out, W_out): the
/// transpose of the convolution that makes images of the former shape of the
/// latter, which is the gradient of that one's input. Its kernels are (C_in,
/// C_out, h, w). Source: Dumoulin, Visin, "A guide to convolution arithmetic
/// for deep learning", 2016, section 4.
///
/// H_out is (H - 1) * stride + max(kernel_size, stride) for "valid", H *
/// stride for "same", and (H - 1) * stride + kernel_size without the padding
/// for numbers; W_out likewise.
class Conv2DTranspose final : public WeightedLayer {
 public:
  static constexpr std::string_view kType = "Conv2DTranspose";

  /// Reads outputDepth and kernelSize (at least 1), stride (at least 1, default
  /// 1), initialization (default "auto"), noBias (default false), and padding:
  /// "valid" (default), "same", or what `ReadSides` takes.
  Conv2DTranspose(Engine& engine, ConfigReader& reader);

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void DeclareWeights(NewWeights& weights) const override;
  bool WritesInputShape() const override { return built(); }
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  /// The convolution's window along an axis and the length of its images.
  struct Axis {
    Window window;
    size_t length;
  };
  Axis AxisOver(const Shape& images, size_t axis) const;
  /// The convolution that this is the transpose of.
  ConvolutionGeometry Geometry(const Shape& images) const;

  size_t output_depth_;
  AxisPair size_;
  AxisPair stride_;
  /// A word, or empty where it is numbers.
  std::string_view padding_ = "valid";
  Sides sides_ = {};
  /// Of the last forward pass.
  ConvolutionPlan plan_ = {};
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_TRANSPOSED_CONVOLUTION_H_
