#ifndef LAMELLA_LAYERS_CONVOLUTIONAL_H_
#define LAMELLA_LAYERS_CONVOLUTIONAL_H_

#include "kernels/convolution.h"
#include "layers/weighted_layer.h"
#include "layers/windows.h"

namespace lamella {

/// The geometry of windows over images (C, H, W), whose channels the groups
/// divide. Shape error that begins with the layer's type unless they fit.
ConvolutionGeometry GeometryOver(const Layer& layer, const Windows& windows,
                                 const Shape& images, size_t output_channels,
                                 size_t groups);

/// The forward pass of a convolution, whose biases may be null, and the work of
/// the layers after it that `arguments` say.
void ForwardConvolution(Engine& engine, const ConvolutionPlan& plan,
                        const float* input, const float* kernels,
                        const float* biases, const ForwardArguments& arguments,
                        float* output);

/// 2D convolution (cross-correlation, as everywhere in this field) of images
/// (N, C_in, H, W) to (N, C_out, H_out, W_out), by matrix products over image
/// columns (im2col). H_out = floor((H + padding - extent) / stride) + 1, where
/// extent = (kernel_size - 1) * dilation + 1 is how far a kernel reaches; W_out
/// likewise.
///
/// Channels are split into `groups` parts that do not see each other; as many
/// groups as channels make a depthwise convolution.
class Convolutional : public WeightedLayer {
 public:
  static constexpr std::string_view kType = "Convolutional";

  /// Reads outputDepth and kernelSize (at least 1), initialization (default
  /// "auto"), noBias (default false), stride, groups and dilation (at least 1,
  /// default 1), and padding as `Windows` does.
  Convolutional(Engine& engine, ConfigReader& reader)
      : Convolutional(engine, kType, reader, true) {}

  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.role = LayerRole::kOtherActivation,
                                            .rectifies_output = true,
                                            .rectifies_gradient = true,
                                            .normalizes_output = true};
    return kTraits;
  }

 protected:
  /// Channels of the output, and parts that the channels are cut into.
  struct Channels {
    size_t outputs;
    size_t groups;
  };

  /// Without `reads_channels` it does not read outputDepth and groups, in whose
  /// place `ChannelsOver` is overridden.
  Convolutional(Engine& engine, std::string_view type, ConfigReader& reader,
                bool reads_channels);

  /// Of a convolution over images of so many channels.
  virtual Channels ChannelsOver(size_t /*input_channels*/) const {
    return channels_;
  }

  Shape OutputShape(const Shape& input_shape) const override;
  void DeclareWeights(NewWeights& weights) const override;
  bool WritesInputShape() const override { return built(); }
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

  /// Writes all options but outputDepth and groups.
  void WriteOthers(Config& config) const;

 private:
  ConvolutionGeometry Geometry(const Shape& images) const;

  Channels channels_;
  Windows windows_;
  /// Of the last forward pass, for the backward pass after it.
  ConvolutionPlan plan_ = {};
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_CONVOLUTIONAL_H_
