#ifndef LAMELLA_LAYERS_CONVOLUTIONAL_H_
#define LAMELLA_LAYERS_CONVOLUTIONAL_H_

#include "kernels/convolution.h"
#include "layers/weighted_layer.h"
#include "layers/windows.h"

namespace lamella {

/// 2D convolution (cross-correlation, as everywhere in this field) of images
/// (N, C_in, H, W) to (N, C_out, H_out, W_out), by matrix products over image
/// columns (im2col). H_out = floor((H + padding - extent) / stride) + 1, where
/// extent = (kernel_size - 1) * dilation + 1 is how far a kernel reaches; W_out
/// likewise.
///
/// Channels are split into `groups` parts that do not see each other; as many
/// groups as channels make a depthwise convolution.
class Convolutional final : public WeightedLayer {
 public:
  static constexpr std::string_view kType = "Convolutional";

  /// Reads outputDepth and kernelSize (at least 1), initialization (default
  /// "auto"), noBias (default false), stride, groups and dilation (at least 1,
  /// default 1), and padding as `Windows` does.
  Convolutional(Engine& engine, ConfigReader& reader);

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
  ConvolutionGeometry Geometry(const Shape& images) const;

  size_t output_depth_;
  size_t groups_;
  Windows windows_;
  /// Of the last forward pass, for the backward pass after it.
  ConvolutionPlan plan_ = {};
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_CONVOLUTIONAL_H_
