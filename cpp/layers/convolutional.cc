#include "layers/convolutional.h"

#include <cstdint>
#include <string>
#include <variant>

#include "base/thread_pool.h"
#include "kernels/reductions.h"
#include "tensor/workspace.h"

namespace lamella {
namespace {

Padding ParsePadding(ConfigReader& reader, size_t extent) {
  Padding padding;
  const ConfigValue* given = reader.Value("padding");
  if (given == nullptr) return padding;
  const auto* name = std::get_if<std::string>(given);
  if (name == nullptr) {
    padding.name = nullptr;
    padding.before = padding.after = reader.ToInteger("padding", *given, 0);
  } else if (*name == "same") {
    padding.name = "same";
    padding.before = (extent - 1) / 2;
    padding.after = extent / 2;
  } else if (*name != "valid") {
    ThrowValueError(
        "Convolutional: padding must be 'valid', 'same' or a whole number of "
        "at least 0, got '{}'",
        {*name});
  }
  return padding;
}

// Floats of workspace that no pass over an image exceeds by much, whichever
// way it goes: padded images and, for Winograd's algorithm, their transform;
// four times the kernels, as Winograd's transform and the direct gradient have
// them; with `columns`, the column matrix of the input gradient. In floating
// point, which does not wrap around.
double WorkspaceEstimate(const Shape& input, const Shape& output,
                         double kernel_size, double extent, double padding,
                         bool columns) {
  const double channels = static_cast<double>(input[0]);
  const double output_channels = static_cast<double>(output[0]);
  const double output_height = static_cast<double>(output[1]);
  const double output_width = static_cast<double>(output[2]);
  const double column = channels * kernel_size * kernel_size;
  return 4 * channels * (static_cast<double>(input[1]) + padding) *
             (static_cast<double>(input[2]) + padding) +
         4 * output_channels * (output_height + 2 * extent) *
             (output_width + 2 * extent) +
         (columns ? column * output_height * output_width : 0) +
         4 * (output_channels + 512) * (column + 512);
}

}  // namespace

Convolutional::Convolutional(ConfigReader& reader)
    : WeightedLayer(kType, "kernels", reader),
      output_depth_(reader.Integer("outputDepth", 1)),
      kernel_size_(reader.Integer("kernelSize", 1)),
      stride_(reader.Integer("stride", 1, 1)),
      groups_(reader.Integer("groups", 1, 1)),
      dilation_(reader.Integer("dilation", 1, 1)) {
  // By division: the product would wrap around in 32 bits.
  if (kernel_size_ - 1 > (SIZE_MAX / 4) / dilation_) {
    Fail(ErrorKind::kValue, "kernelSize {} with dilation {} is too large",
         {kernel_size_, dilation_});
  }
  if (output_depth_ % groups_ != 0) {
    Fail(ErrorKind::kValue, "groups must divide outputDepth {}, got {}",
         {output_depth_, groups_});
  }
  padding_ = ParsePadding(reader, Extent());
}

Shape Convolutional::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  if (input_shape[0] % groups_ != 0) {
    Fail(ErrorKind::kShape,
         "groups must divide the channels, got {} and images of shape {}",
         {groups_, input_shape});
  }
  const size_t padding = padding_.before + padding_.after;
  const size_t extent = Extent();
  for (size_t axis : {1, 2}) {
    // By subtraction: the sum would wrap around in 32 bits.
    if (input_shape[axis] > SIZE_MAX / 2 ||
        padding > SIZE_MAX / 2 - input_shape[axis]) {
      Fail(ErrorKind::kShape, "padding {} is too large for images of shape {}",
           {padding_.before, input_shape});
    }
    if (input_shape[axis] + padding < extent) {
      Fail(ErrorKind::kShape,
           "kernelSize {}{} does not fit into images of shape {} with {} rows "
           "and columns of padding",
           {kernel_size_,
            dilation_ == 1 ? "" : Format(" with dilation {}", {dilation_}),
            input_shape, padding});
    }
  }
  const Shape output_shape = {
      output_depth_, (input_shape[1] + padding - extent) / stride_ + 1,
      (input_shape[2] + padding - extent) / stride_ + 1};
  // The kernels count the workspace of all threads in size_t.
  const bool columns = stride_ > 1 || padding_.before >= extent;
  if (static_cast<double>(ThreadCount()) *
          WorkspaceEstimate(input_shape, output_shape,
                            static_cast<double>(kernel_size_),
                            static_cast<double>(extent),
                            static_cast<double>(padding), columns) >
      static_cast<double>(SIZE_MAX) / 2) {
    Fail(
        ErrorKind::kShape,
        "images of shape {} with padding {} and kernelSize {} need more memory "
        "than there are addresses",
        {input_shape, padding_.before, kernel_size_});
  }
  return output_shape;
}

Shape Convolutional::WeightsShape() const {
  return {output_depth_, input_shape_[0] / groups_, kernel_size_, kernel_size_};
}

void Convolutional::WriteConfig(Config& config) const {
  config.Set("outputDepth", output_depth_);
  config.Set("kernelSize", kernel_size_);
  WeightedLayer::WriteConfig(config);
  if (padding_.name != nullptr) {
    config.Set("padding", padding_.name);
  } else {
    config.Set("padding", padding_.before);
  }
  config.Set("stride", stride_);
  // Only where they differ from their defaults, so that readers that know
  // neither can read the other convolutions.
  if (groups_ != 1) config.Set("groups", groups_);
  if (dilation_ != 1) config.Set("dilation", dilation_);
}

ConvolutionGeometry Convolutional::Geometry() const {
  return {.channels = input_shape_[0] / groups_,
          .height = input_shape_[1],
          .width = input_shape_[2],
          .output_channels = output_depth_ / groups_,
          .output_height = output_shape_[1],
          .output_width = output_shape_[2],
          .kernel_size = kernel_size_,
          .stride = stride_,
          .padding = padding_.before,
          .groups = groups_,
          .dilation = dilation_};
}

void Convolutional::OnForward(bool /*training*/) {
  const ConvolutionGeometry geometry = Geometry();
  float* output = NewOutput();
  ConvolutionForward(geometry, batch(), input_.data(), weights(),
                     {.biases = biases(), .rectify = rectify_output()}, output,
                     Workspace(ConvolutionWorkspaceSize(geometry, batch())));
}

void Convolutional::OnBackward(const Tensor& output_gradient,
                               bool want_input_gradient) {
  MarkTrained();
  const ConvolutionGeometry geometry = Geometry();
  float* workspace = Workspace(ConvolutionWorkspaceSize(geometry, batch()));
  if (!no_bias()) {
    SumChannels(output_gradient.data(), batch(), output_depth_,
                geometry.output_pixels(), biases_gradient());
  }
  ConvolutionKernelsGradient(geometry, batch(), input_.data(),
                             output_gradient.data(), weights_gradient(),
                             workspace);
  if (!want_input_gradient) return;
  ConvolutionInputGradient(geometry, batch(), weights(), output_gradient.data(),
                           rectify_gradient() ? input_.data() : nullptr,
                           NewInputGradient(), workspace);
}

}  // namespace lamella
