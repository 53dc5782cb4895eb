#include "layers/pooling.h"

#include <algorithm>

namespace lamella {

namespace {

Windows ReadWindows(ConfigReader& reader) {
  const AxisPair size = reader.Pair("poolSize", 1, AxisPair{2, 2});
  return {reader, "poolSize", size, reader.Pair("stride", 1, size)};
}

}  // namespace

Pooling2D::Pooling2D(Engine& engine, std::string_view type,
                     ConfigReader& reader)
    : Layer(engine, type), windows_(ReadWindows(reader)) {
  for (const Window& window : windows_.axes()) {
    if (std::max(window.padding_before, window.padding_after) >= window.size) {
      Fail(ErrorKind::kValue, "padding must be smaller than poolSize, got {}",
           {windows_.Describe()});
    }
  }
}

Shape Pooling2D::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  const PoolingGeometry geometry = Geometry(input_shape);
  return {input_shape[0], geometry.output_height(), geometry.output_width()};
}

void Pooling2D::WriteConfig(Config& config) const {
  windows_.WriteConfig(config);
}

PoolingGeometry Pooling2D::Geometry(const Shape& images) const {
  const auto [vertical, horizontal] = windows_.Over(type(), images);
  return {.height = images[1],
          .width = images[2],
          .vertical = vertical,
          .horizontal = horizontal};
}

uint32_t* MaxPooling2D::Indices() {
  const size_t size = output_.size();
  if (indices_.size() < size) indices_ = std::vector<uint32_t>(size);
  return indices_.data();
}

void MaxPooling2D::OnForward(const ForwardArguments& arguments) {
  float* output = NewOutput();
  has_indices_ = arguments.training;
  MaxPool(engine().pool(), Geometry(), Planes(), input_.data(), output,
          has_indices_ ? Indices() : nullptr);
}

void MaxPooling2D::OnBackward(const Tensor& output_gradient,
                              const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  if (!has_indices_) {
    // Into scratch memory: the output may have been handed out.
    float* again = engine().Workspace(output_.size());
    MaxPool(engine().pool(), Geometry(), Planes(), input_.data(), again,
            Indices());
    has_indices_ = true;
  }
  MaxPoolGradient(engine().pool(), Geometry(), Planes(), output_gradient.data(),
                  indices_.data(), arguments.rectify ? output_.data() : nullptr,
                  NewInputGradient());
}

void AveragePooling2D::WriteConfig(Config& config) const {
  Pooling2D::WriteConfig(config);
  if (count_include_pad_) config.Set("countIncludePad", true);
}

void AveragePooling2D::OnForward(const ForwardArguments& /*arguments*/) {
  AveragePool(engine().pool(), Geometry(), count_include_pad_, Planes(),
              input_.data(), NewOutput());
}

void AveragePooling2D::OnBackward(const Tensor& output_gradient,
                                  const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  AveragePoolGradient(engine().pool(), Geometry(), count_include_pad_, Planes(),
                      output_gradient.data(), NewInputGradient());
}

}  // namespace lamella
