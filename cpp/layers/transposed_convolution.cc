#include "layers/transposed_convolution.h"

#include <algorithm>
#include <cstdint>

#include "kernels/biases.h"
#include "kernels/elementwise.h"
#include "kernels/reductions.h"
#include "layers/windows.h"

namespace lamella {
Conv2DTranspose::Conv2DTranspose(Engine& engine, ConfigReader& reader)
    : WeightedLayer(engine, kType, reader),
      output_depth_(reader.Integer("outputDepth", 1)),
      size_(reader.Pair("kernelSize", 1)),
      stride_(reader.Pair("stride", 1, AxisPair{1, 1})) {
  const ConfigValue* given = reader.Value("padding");
  if (given == nullptr) return;
  if (const auto* word = std::get_if<std::string>(given)) {
    if (*word == "valid") return;
    padding_ = "same";
    if (*word == padding_) return;
  }
  padding_ = "";
  sides_ = ReadSides(reader, "padding", "'valid', 'same', ", *given);
}

Conv2DTranspose::Axis Conv2DTranspose::AxisOver(const Shape& images,
                                                size_t axis) const {
  const uint64_t size = size_[axis], stride = stride_[axis];
  // Each factor is below 2^32.
  const uint64_t apart = (uint64_t{images[axis + 1]} - 1) * stride;
  uint64_t whole = apart + size, before = 0, after = 0;
  if (padding_.empty()) {
    before = static_cast<uint64_t>(sides_[2 * axis]);
    after = static_cast<uint64_t>(sides_[2 * axis + 1]);
  } else {
    whole = std::max(whole, apart + stride);
    if (padding_ == "same" && size > stride) {
      before = (size - stride) / 2;
      after = size - stride - before;
    }
  }
  if (before + after >= whole) {
    Fail(ErrorKind::kShape, "padding {} leaves nothing of images of shape {}",
         {ConfigReader::Describe(FromSides(sides_)), images});
  }
  // The kernels count in size_t, padding and all.
  if (whole > SIZE_MAX / 4) {
    Fail(ErrorKind::kShape, "images of shape {} become too large", {images});
  }
  return {{.size = size_[axis],
           .stride = stride_[axis],
           .padding_before = static_cast<size_t>(before),
           .padding_after = static_cast<size_t>(after)},
          static_cast<size_t>(whole - before - after)};
}

ConvolutionGeometry Conv2DTranspose::Geometry(const Shape& images) const {
  const Axis vertical = AxisOver(images, 0), horizontal = AxisOver(images, 1);
  return {.channels = output_depth_,
          .height = vertical.length,
          .width = horizontal.length,
          .output_channels = images[0],
          .output_height = images[1],
          .output_width = images[2],
          .vertical = vertical.window,
          .horizontal = horizontal.window};
}

Shape Conv2DTranspose::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  const ConvolutionGeometry geometry = Geometry(input_shape);
  if (static_cast<double>(engine().pool().ThreadCount()) *
          ConvolutionWorkspaceEstimate(geometry) >
      static_cast<double>(SIZE_MAX) / 2) {
    Fail(ErrorKind::kShape,
         "images of shape {} need more memory than there are addresses",
         {input_shape});
  }
  return {output_depth_, geometry.height, geometry.width};
}

void Conv2DTranspose::DeclareWeights(NewWeights& weights) const {
  // Of the kernels that reach over an output pixel, one tap each counts.
  const auto reached = [this](size_t axis) {
    return (size_[axis] + stride_[axis] - 1) / stride_[axis];
  };
  weights.Add({.name = "kernels",
               .shape = {input_shape_[0], output_depth_, size_[0], size_[1]},
               .fan_in = input_shape_[0] * reached(0) * reached(1),
               .fan_out = output_depth_ * size_[0] * size_[1]});
  if (!no_bias()) weights.Add(Biases({output_depth_}));
}

void Conv2DTranspose::WriteConfig(Config& config) const {
  config.Set("outputDepth", output_depth_);
  config.Add("kernelSize", FromPair(size_));
  config.Add("stride", FromPair(stride_));
  config.Add("padding", padding_.empty() ? FromSides(sides_)
                                         : ConfigValue(std::string(padding_)));
  WeightedLayer::WriteConfig(config);
}

void Conv2DTranspose::OnForward(const ForwardArguments& arguments) {
  ThreadPool& pool = engine().pool();
  plan_ = PlanConvolution(pool, Geometry(input_shape_), batch(),
                          engine().allows_winograd());
  float* output = NewOutput();
  ConvolutionInputGradient(plan_, weights(), input_.data(), nullptr, output,
                           engine().Workspace(plan_.workspace));
  if (!no_bias()) {
    AddBiases(pool, batch(), output_depth_,
              plan_.geometry.height * plan_.geometry.width, biases(),
              arguments.rectify, output);
  } else if (arguments.rectify) {
    ReluForward(pool, output, output, output_.size());
  }
}

void Conv2DTranspose::OnBackward(const Tensor& output_gradient,
                                 const BackwardArguments& arguments) {
  MarkTrained();
  ThreadPool& pool = engine().pool();
  float* workspace = engine().Workspace(plan_.workspace);
  if (!no_bias()) {
    SumChannels(pool, output_gradient.data(), batch(), output_depth_,
                plan_.geometry.height * plan_.geometry.width,
                biases_gradient());
  }
  ConvolutionKernelsGradient(plan_, output_gradient.data(), input_.data(),
                             weights_gradient(), workspace);
  if (!arguments.want_input_gradient) return;
  float* gradient = NewInputGradient();
  ConvolutionForward(plan_, output_gradient.data(), weights(), {}, gradient,
                     workspace);
  if (arguments.rectify) {
    ReluGradient(pool, input_.data(), gradient, gradient, input_.size());
  }
}

}  // namespace lamella
