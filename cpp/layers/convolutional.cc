#include "layers/convolutional.h"

#include <cstdint>
#include <utility>

#include "base/error.h"
#include "kernels/reductions.h"
#include "tensor/workspace.h"

namespace lamella {
namespace {

Padding ParsePadding(ConfigReader& reader, size_t extent) {
  const ConfigValue* given = reader.Value("padding");
  Padding padding{given == nullptr ? ConfigValue(std::string("valid"))
                                   : *given};
  if (const auto* word = std::get_if<std::string>(&padding.argument)) {
    if (*word == "same") {
      padding.before = (extent - 1) / 2;
      padding.after = extent / 2;
    } else if (*word != "valid") {
      ThrowValueError(
          Cat("Convolutional: padding must be 'valid', 'same' or a "
              "whole number of at least 0, got '",
              *word, "'"));
    }
  } else {
    padding.before = padding.after =
        reader.ToInteger("padding", padding.argument, 0);
  }
  return padding;
}

// Floats of workspace that no pass over an image exceeds by much, whichever
// way it goes: padded images and, for Winograd's algorithm, their transform;
// packed kernels; the column matrix of the gradient. In floating point, which
// does not wrap around.
double WorkspaceEstimate(const Shape& input, const Shape& output,
                         double kernel_size, double padding) {
  const double channels = static_cast<double>(input[0]);
  const double output_channels = static_cast<double>(output[0]);
  const double output_height = static_cast<double>(output[1]);
  const double output_width = static_cast<double>(output[2]);
  const double column = channels * kernel_size * kernel_size;
  return 4 * channels * (static_cast<double>(input[1]) + padding) *
             (static_cast<double>(input[2]) + padding) +
         4 * output_channels * (output_height + 2 * kernel_size) *
             (output_width + 2 * kernel_size) +
         column * output_height * output_width +
         (output_channels + 512) * (column + 512);
}

}  // namespace

Convolutional::Convolutional(size_t output_depth, size_t kernel_size,
                             Initialization initialization, bool no_bias,
                             Padding padding, size_t stride, size_t groups,
                             size_t dilation)
    : WeightedLayer("kernels", initialization, no_bias),
      output_depth_(output_depth),
      kernel_size_(kernel_size),
      padding_(std::move(padding)),
      stride_(stride),
      groups_(groups),
      dilation_(dilation) {}

std::shared_ptr<Layer> Convolutional::FromConfig(ConfigReader& reader) {
  const size_t output_depth = reader.Integer("outputDepth", 1);
  const size_t kernel_size = reader.Integer("kernelSize", 1);
  const auto initialization = ParseInitialization(
      "Convolutional", reader.Text("initialization", "auto"));
  const bool no_bias = reader.Bool("noBias", false);
  const size_t stride = reader.Integer("stride", 1, 1);
  const size_t groups = reader.Integer("groups", 1, 1);
  const size_t dilation = reader.Integer("dilation", 1, 1);
  // Not the product, which would wrap around in 32 bits.
  if (kernel_size - 1 > (SIZE_MAX / 4) / dilation) {
    ThrowValueError(Cat("Convolutional: kernelSize ", kernel_size,
                        " with dilation ", dilation, " is too large"));
  }
  if (output_depth % groups != 0) {
    ThrowValueError(Cat("Convolutional: groups must divide outputDepth ",
                        output_depth, ", got ", groups));
  }
  Padding padding = ParsePadding(reader, (kernel_size - 1) * dilation + 1);
  return std::make_shared<Convolutional>(
      output_depth, kernel_size, initialization, no_bias, std::move(padding),
      stride, groups, dilation);
}

Shape Convolutional::OutputShape(const Shape& input_shape) const {
  if (input_shape.rank() != 3) {
    ThrowShapeError(Message(Cat(
        "input must be images [channels, height, width], got ", input_shape)));
  }
  if (input_shape[0] % groups_ != 0) {
    ThrowShapeError(
        Message(Cat("groups must divide the channels, got ", groups_,
                    " and images of shape ", input_shape)));
  }
  const size_t padding = padding_.before + padding_.after;
  const size_t extent = Extent();
  for (size_t axis : {1, 2}) {
    // Not the sum, which would wrap around in 32 bits.
    if (input_shape[axis] > SIZE_MAX / 2 ||
        padding > SIZE_MAX / 2 - input_shape[axis]) {
      ThrowShapeError(
          Message(Cat("padding ", padding_.before,
                      " is too large for images of shape ", input_shape)));
    }
    if (input_shape[axis] + padding < extent) {
      ThrowShapeError(
          Message(Cat("kernelSize ", kernel_size_,
                      dilation_ == 1 ? "" : Cat(" with dilation ", dilation_),
                      " does not fit into images of shape ", input_shape,
                      " with ", padding, " rows and columns of padding")));
    }
  }
  const Shape output_shape = {
      output_depth_, (input_shape[1] + padding - extent) / stride_ + 1,
      (input_shape[2] + padding - extent) / stride_ + 1};
  // The kernels count their workspace in size_t.
  if (WorkspaceEstimate(
          input_shape, output_shape, static_cast<double>(kernel_size_),
          static_cast<double>(padding)) > static_cast<double>(SIZE_MAX) / 2) {
    ThrowShapeError(
        Message(Cat("images of shape ", input_shape, " with padding ",
                    padding_.before, " and kernelSize ", kernel_size_,
                    " need more memory than there are addresses")));
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
  std::visit([&](const auto& value) { config.Set("padding", value); },
             padding_.argument);
  config.Set("stride", stride_);
  // Only where they say something: what knows neither can read the others.
  if (groups_ != 1) config.Set("groups", groups_);
  if (dilation_ != 1) config.Set("dilation", dilation_);
}

GroupedGeometry Convolutional::Geometry() const {
  return {{.channels = input_shape_[0],
           .height = input_shape_[1],
           .width = input_shape_[2],
           .output_channels = output_depth_,
           .output_height = output_shape_[1],
           .output_width = output_shape_[2],
           .kernel_size = kernel_size_,
           .stride = stride_,
           .padding = padding_.before},
          groups_,
          dilation_};
}

float* Convolutional::Scratch(const GroupedGeometry& geometry) const {
  return Workspace(IsPlain()
                       ? ConvolutionWorkspaceSize(geometry, batch())
                       : GroupedConvolutionWorkspaceSize(geometry, batch()));
}

void Convolutional::OnForward(bool /*training*/) {
  const GroupedGeometry geometry = Geometry();
  output_.Reset(output_shape_.Prepended(batch()));
  float* workspace = Scratch(geometry);
  if (IsPlain()) {
    ConvolutionForward(geometry, batch(), input_.data(), weights_.data(),
                       biases(), output_.data(), workspace);
  } else {
    GroupedConvolutionForward(geometry, batch(), input_.data(), weights_.data(),
                              biases(), output_.data(), workspace);
  }
}

void Convolutional::OnBackward(const Tensor& output_gradient,
                               bool want_input_gradient) {
  MarkTrained();
  const GroupedGeometry geometry = Geometry();
  float* workspace = Scratch(geometry);
  if (!no_bias()) {
    SumChannels(output_gradient.data(), batch(), output_depth_,
                geometry.output_pixels(), biases_gradient());
  }
  if (want_input_gradient) input_gradient_.Reset(input_.shape());
  if (IsPlain()) {
    ConvolutionKernelsGradient(geometry, batch(), input_.data(),
                               output_gradient.data(), weights_gradient_.data(),
                               workspace);
    if (!want_input_gradient) return;
    ConvolutionInputGradient(geometry, batch(), weights_.data(),
                             output_gradient.data(), input_gradient_.data(),
                             workspace);
  } else {
    GroupedConvolutionKernelsGradient(geometry, batch(), input_.data(),
                                      output_gradient.data(),
                                      weights_gradient_.data(), workspace);
    if (!want_input_gradient) return;
    GroupedConvolutionInputGradient(geometry, batch(), weights_.data(),
                                    output_gradient.data(),
                                    input_gradient_.data(), workspace);
  }
}

}  // namespace lamella
