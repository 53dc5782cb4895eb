#include "layers/separable_convolution.h"

#include <algorithm>
#include <cstdint>

#include "kernels/reductions.h"

namespace lamella {
namespace {

// Shape error unless so many channels can be counted.
void CheckDepth(const Layer& layer, const Shape& images, size_t multiplier) {
  if (images[0] <= SIZE_MAX / 2 / multiplier) return;
  ThrowShapeError("{}: images of shape {} have too many channels for {} each",
                  {layer.type(), images, multiplier});
}

}  // namespace

DepthwiseConv2D::DepthwiseConv2D(Engine& engine, ConfigReader& reader)
    : Convolutional(engine, kType, reader, false),
      depth_multiplier_(reader.Integer("depthMultiplier", 1, 1)) {}

Shape DepthwiseConv2D::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  CheckDepth(*this, input_shape, depth_multiplier_);
  return Convolutional::OutputShape(input_shape);
}

void DepthwiseConv2D::WriteConfig(Config& config) const {
  WriteOthers(config);
  config.Set("depthMultiplier", depth_multiplier_);
}

SeparableConv2D::SeparableConv2D(Engine& engine, ConfigReader& reader)
    : WeightedLayer(engine, kType, reader),
      output_depth_(reader.Integer("outputDepth", 1)),
      depth_multiplier_(reader.Integer("depthMultiplier", 1, 1)),
      windows_{reader, "kernelSize", reader.Pair("kernelSize", 1),
               reader.Pair("stride", 1, AxisPair{1, 1}),
               reader.Pair("dilation", 1, AxisPair{1, 1})} {}

SeparableConv2D::Geometries SeparableConv2D::Over(const Shape& images) const {
  const size_t middle = images[0] * depth_multiplier_;
  const ConvolutionGeometry depthwise =
      GeometryOver(*this, windows_, images, middle, images[0]);
  return {depthwise,
          {.channels = middle,
           .height = depthwise.output_height,
           .width = depthwise.output_width,
           .output_channels = output_depth_,
           .output_height = depthwise.output_height,
           .output_width = depthwise.output_width,
           .vertical = {},
           .horizontal = {}}};
}

Shape SeparableConv2D::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  CheckDepth(*this, input_shape, depth_multiplier_);
  const auto [depthwise, pointwise] = Over(input_shape);
  // The kernels count the workspace of all threads in size_t.
  if (static_cast<double>(engine().pool().ThreadCount()) *
          (ConvolutionWorkspaceEstimate(depthwise) +
           ConvolutionWorkspaceEstimate(pointwise)) >
      static_cast<double>(SIZE_MAX) / 2) {
    Fail(ErrorKind::kShape,
         "images of shape {} under {} need more memory than there are "
         "addresses",
         {input_shape, windows_.Describe()});
  }
  return {output_depth_, pointwise.output_height, pointwise.output_width};
}

void SeparableConv2D::DeclareWeights(NewWeights& weights) const {
  const auto& [vertical, horizontal] = windows_.axes();
  const size_t taps = vertical.size * horizontal.size;
  const size_t middle = input_shape_[0] * depth_multiplier_;
  weights.Add({.name = "depthwiseKernels",
               .shape = {middle, 1, vertical.size, horizontal.size},
               .fan_in = taps,
               .fan_out = depth_multiplier_ * taps});
  weights.Add({.name = "pointwiseKernels",
               .shape = {output_depth_, middle, 1, 1},
               .fan_in = middle,
               .fan_out = output_depth_});
  if (!no_bias()) weights.Add(Biases({output_depth_}));
}

void SeparableConv2D::WriteConfig(Config& config) const {
  config.Set("outputDepth", output_depth_);
  windows_.WriteConfig(config);
  if (config.Find("padding") == nullptr) config.Set("padding", "valid");
  WeightedLayer::WriteConfig(config);
  config.Set("depthMultiplier", depth_multiplier_);
}

void SeparableConv2D::OnForward(const ForwardArguments& arguments) {
  ThreadPool& pool = engine().pool();
  const auto [depthwise, pointwise] = Over(input_shape_);
  depthwise_ =
      PlanConvolution(pool, depthwise, batch(), engine().allows_winograd());
  pointwise_ =
      PlanConvolution(pool, pointwise, batch(), engine().allows_winograd());
  middle_.Reset(
      {batch(), pointwise.channels, pointwise.height, pointwise.width});
  ForwardConvolution(engine(), depthwise_, input_.data(), weights(), nullptr,
                     {}, middle_.data());
  ForwardConvolution(engine(), pointwise_, middle_.data(),
                     drawing().weights[1].value.data(), biases(), arguments,
                     NewOutput());
}

void SeparableConv2D::OnBackward(const Tensor& output_gradient,
                                 const BackwardArguments& arguments) {
  MarkTrained();
  const Parameter& pointwise = drawing().weights[1];
  float* workspace =
      engine().Workspace(std::max(depthwise_.workspace, pointwise_.workspace));
  if (!no_bias()) {
    SumChannels(engine().pool(), output_gradient.data(), batch(), output_depth_,
                pointwise_.geometry.output_pixels(), biases_gradient());
  }
  Tensor pointwise_gradient = pointwise.gradient;
  ConvolutionKernelsGradient(pointwise_, middle_.data(), output_gradient.data(),
                             pointwise_gradient.data(), workspace);
  middle_gradient_.Reset(middle_.shape());
  ConvolutionInputGradient(pointwise_, pointwise.value.data(),
                           output_gradient.data(), nullptr,
                           middle_gradient_.data(), workspace);
  ConvolutionKernelsGradient(depthwise_, input_.data(), middle_gradient_.data(),
                             weights_gradient(), workspace);
  if (!arguments.want_input_gradient) return;
  ConvolutionInputGradient(depthwise_, weights(), middle_gradient_.data(),
                           arguments.rectify ? input_.data() : nullptr,
                           NewInputGradient(), workspace);
}

}  // namespace lamella
