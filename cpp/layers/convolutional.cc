#include "layers/convolutional.h"

#include <cstdint>

#include "kernels/batch_norm.h"
#include "kernels/reductions.h"
#include "kernels/workspace.h"

namespace lamella {

Convolutional::Convolutional(Engine& engine, ConfigReader& reader)
    : WeightedLayer(engine, kType, reader),
      output_depth_(reader.Integer("outputDepth", 1)),
      groups_(reader.Integer("groups", 1, 1)),
      windows_{reader, "kernelSize", reader.Pair("kernelSize", 1),
               reader.Pair("stride", 1, AxisPair{1, 1}),
               reader.Pair("dilation", 1, AxisPair{1, 1})} {
  if (output_depth_ % groups_ != 0) {
    Fail(ErrorKind::kValue, "groups must divide outputDepth {}, got {}",
         {output_depth_, groups_});
  }
}

Shape Convolutional::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  if (input_shape[0] % groups_ != 0) {
    Fail(ErrorKind::kShape,
         "groups must divide the channels, got {} and images of shape {}",
         {groups_, input_shape});
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
  return {output_depth_, geometry.output_height, geometry.output_width};
}

void Convolutional::DeclareWeights(NewWeights& weights) const {
  const auto& [vertical, horizontal] = windows_.axes();
  const size_t taps = vertical.size * horizontal.size;
  const size_t channels = input_shape_[0] / groups_;
  weights.Add(
      {.name = "kernels",
       .shape = {output_depth_, channels, vertical.size, horizontal.size},
       .fan_in = channels * taps,
       .fan_out = output_depth_ / groups_ * taps});
  if (!no_bias()) weights.Add(Biases({output_depth_}));
}

void Convolutional::WriteConfig(Config& config) const {
  config.Set("outputDepth", output_depth_);
  windows_.WriteConfig(config);
  // As the specification of the Layers API has it.
  if (config.Find("padding") == nullptr) config.Set("padding", "valid");
  WeightedLayer::WriteConfig(config);
  if (groups_ != 1) config.Set("groups", groups_);
}

ConvolutionGeometry Convolutional::Geometry(const Shape& images) const {
  const auto [vertical, horizontal] = windows_.Over(type(), images);
  return {.channels = images[0] / groups_,
          .height = images[1],
          .width = images[2],
          .output_channels = output_depth_ / groups_,
          .output_height = vertical.Count(images[1]),
          .output_width = horizontal.Count(images[2]),
          .vertical = vertical,
          .horizontal = horizontal,
          .groups = groups_};
}

void Convolutional::OnForward(const ForwardArguments& arguments) {
  plan_ = PlanConvolution(engine().pool(), Geometry(input_shape_), batch(),
                          engine().allows_winograd());
  float* output = NewOutput();
  const BatchNormParameters* normalization = arguments.normalization;
  // The normalization goes over the kernels or over the outputs, whichever are
  // fewer.
  const bool folds =
      normalization != nullptr && weights_size() < output_.size();
  const size_t own = RoundUp(plan_.workspace, kLineFloats);
  const size_t folded = folds ? weights_size() + output_depth_ : 0;
  float* workspace = engine().Workspace(own + folded);
  const float* kernels = weights();
  ConvolutionEpilogue epilogue = {
      .biases = biases(),
      .rectify = arguments.rectify && (folds || normalization == nullptr)};
  if (folds) {
    float* folded_kernels = workspace + own;
    float* folded_biases = folded_kernels + weights_size();
    FoldBatchNorm(*normalization, output_depth_, plan_.geometry.column_size(),
                  kernels, epilogue.biases, folded_kernels, folded_biases);
    kernels = folded_kernels;
    epilogue.biases = folded_biases;
  }
  ConvolutionForward(plan_, input_.data(), kernels, epilogue, output,
                     workspace);
  if (normalization == nullptr || folds) return;
  BatchNorm(engine().pool(),
            {batch(), output_depth_, plan_.geometry.output_pixels()},
            *normalization, output, arguments.rectify, output);
}

void Convolutional::OnBackward(const Tensor& output_gradient,
                               const BackwardArguments& arguments) {
  MarkTrained();
  float* workspace = engine().Workspace(plan_.workspace);
  if (!no_bias()) {
    SumChannels(engine().pool(), output_gradient.data(), batch(), output_depth_,
                plan_.geometry.output_pixels(), biases_gradient());
  }
  ConvolutionKernelsGradient(plan_, input_.data(), output_gradient.data(),
                             weights_gradient(), workspace);
  if (!arguments.want_input_gradient) return;
  ConvolutionInputGradient(plan_, weights(), output_gradient.data(),
                           arguments.rectify ? input_.data() : nullptr,
                           NewInputGradient(), workspace);
}

}  // namespace lamella
