#include "layers/convolutional.h"

#include <cstdint>

#include "kernels/batch_norm.h"
#include "kernels/reductions.h"
#include "kernels/workspace.h"

namespace lamella {

ConvolutionGeometry GeometryOver(const Layer& layer, const Windows& windows,
                                 const Shape& images, size_t output_channels,
                                 size_t groups) {
  const auto [vertical, horizontal] = windows.Over(layer.type(), images);
  return {.channels = images[0] / groups,
          .height = images[1],
          .width = images[2],
          .output_channels = output_channels / groups,
          .output_height = vertical.Count(images[1]),
          .output_width = horizontal.Count(images[2]),
          .vertical = vertical,
          .horizontal = horizontal,
          .groups = groups};
}

void ForwardConvolution(Engine& engine, const ConvolutionPlan& plan,
                        const float* input, const float* kernels,
                        const float* biases, const ForwardArguments& arguments,
                        float* output) {
  const ConvolutionGeometry& g = plan.geometry;
  const size_t output_channels = g.groups * g.output_channels;
  const size_t kernels_size = output_channels * g.column_size();
  const BatchNormParameters* normalization = arguments.normalization;
  // The normalization goes over the kernels or over the outputs, whichever are
  // fewer.
  const bool folds =
      normalization != nullptr && kernels_size < plan.batch * g.output_stride();
  const size_t own = RoundUp(plan.workspace, kLineFloats);
  const size_t folded = folds ? kernels_size + output_channels : 0;
  float* workspace = engine.Workspace(own + folded);
  ConvolutionEpilogue epilogue = {
      .biases = biases,
      .rectify = arguments.rectify && (folds || normalization == nullptr)};
  if (folds) {
    float* folded_kernels = workspace + own;
    float* folded_biases = folded_kernels + kernels_size;
    FoldBatchNorm(*normalization, output_channels, g.column_size(), kernels,
                  biases, folded_kernels, folded_biases);
    kernels = folded_kernels;
    epilogue.biases = folded_biases;
  }
  ConvolutionForward(plan, input, kernels, epilogue, output, workspace);
  if (normalization == nullptr || folds) return;
  BatchNorm(engine.pool(), {plan.batch, output_channels, g.output_pixels()},
            *normalization, output, arguments.rectify, output);
}

Convolutional::Convolutional(Engine& engine, std::string_view type,
                             ConfigReader& reader, bool reads_channels)
    : WeightedLayer(engine, type, reader),
      channels_{reads_channels ? reader.Integer("outputDepth", 1) : 0,
                reads_channels ? reader.Integer("groups", 1, 1) : 1},
      windows_{reader, "kernelSize", reader.Pair("kernelSize", 1),
               reader.Pair("stride", 1, AxisPair{1, 1}),
               reader.Pair("dilation", 1, AxisPair{1, 1})} {
  if (channels_.outputs % channels_.groups != 0) {
    Fail(ErrorKind::kValue, "groups must divide outputDepth {}, got {}",
         {channels_.outputs, channels_.groups});
  }
}

Shape Convolutional::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  const size_t groups = ChannelsOver(input_shape[0]).groups;
  if (input_shape[0] % groups != 0) {
    Fail(ErrorKind::kShape,
         "groups must divide the channels, got {} and images of shape {}",
         {groups, input_shape});
  }
  const ConvolutionGeometry geometry = Geometry(input_shape);
  // The kernels count the workspace of all threads in size_t.
  if (static_cast<double>(engine().pool().ThreadCount()) *
          ConvolutionWorkspaceEstimate(geometry) >
      static_cast<double>(SIZE_MAX) / 2) {
    Fail(ErrorKind::kShape,
         "images of shape {} under {} need more memory than there are "
         "addresses",
         {input_shape, windows_.Describe()});
  }
  return {ChannelsOver(input_shape[0]).outputs, geometry.output_height,
          geometry.output_width};
}

void Convolutional::DeclareWeights(NewWeights& weights) const {
  const auto& [vertical, horizontal] = windows_.axes();
  const auto [outputs, groups] = ChannelsOver(input_shape_[0]);
  const size_t taps = vertical.size * horizontal.size;
  const size_t channels = input_shape_[0] / groups;
  weights.Add({.name = "kernels",
               .shape = {outputs, channels, vertical.size, horizontal.size},
               .fan_in = channels * taps,
               .fan_out = outputs / groups * taps});
  if (!no_bias()) weights.Add(Biases({outputs}));
}

void Convolutional::WriteConfig(Config& config) const {
  config.Set("outputDepth", channels_.outputs);
  WriteOthers(config);
  if (channels_.groups != 1) config.Set("groups", channels_.groups);
}

void Convolutional::WriteOthers(Config& config) const {
  windows_.WriteConfig(config);
  // As the specification of the Layers API has it.
  if (config.Find("padding") == nullptr) config.Set("padding", "valid");
  WeightedLayer::WriteConfig(config);
}

ConvolutionGeometry Convolutional::Geometry(const Shape& images) const {
  const auto [outputs, groups] = ChannelsOver(images[0]);
  return GeometryOver(*this, windows_, images, outputs, groups);
}

void Convolutional::OnForward(const ForwardArguments& arguments) {
  plan_ = PlanConvolution(engine().pool(), Geometry(input_shape_), batch(),
                          engine().allows_winograd());
  ForwardConvolution(engine(), plan_, input_.data(), weights(), biases(),
                     arguments, NewOutput());
}

void Convolutional::OnBackward(const Tensor& output_gradient,
                               const BackwardArguments& arguments) {
  MarkTrained();
  float* workspace = engine().Workspace(plan_.workspace);
  if (!no_bias()) {
    SumChannels(engine().pool(), output_gradient.data(), batch(),
                output_shape_[0], plan_.geometry.output_pixels(),
                biases_gradient());
  }
  ConvolutionKernelsGradient(plan_, input_.data(), output_gradient.data(),
                             weights_gradient(), workspace);
  if (!arguments.want_input_gradient) return;
  ConvolutionInputGradient(plan_, weights(), output_gradient.data(),
                           arguments.rectify ? input_.data() : nullptr,
                           NewInputGradient(), workspace);
}

}  // namespace lamella
