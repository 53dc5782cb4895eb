#include "layers/resampling.h"

#include <algorithm>
#include <cstdint>

#include "layers/windows.h"

namespace lamella {

Resampling2D::Resampling2D(Engine& engine, std::string_view type,
                           ConfigReader& reader, std::string_view missing)
    : Layer(engine, type), interpolation_(Interpolation::kNearest) {
  const std::string_view name = reader.Text("interpolation", missing);
  if (name == "nearest") return;
  interpolation_ = Interpolation::kBilinear;
  if (name == "bilinear") return;
  Fail(ErrorKind::kValue,
       "interpolation must be 'nearest' or 'bilinear', got '{}'", {name});
}

void Resampling2D::WriteConfig(Config& config) const {
  config.Set("interpolation", interpolation_ == Interpolation::kNearest
                                  ? "nearest"
                                  : "bilinear");
}

ResamplingGeometry Resampling2D::Geometry() const {
  return {.height = input_shape_[1],
          .width = input_shape_[2],
          .rows = rows_,
          .columns = columns_};
}

void Resampling2D::OnForward(const ForwardArguments& /*arguments*/) {
  rows_.resize(output_shape_[1]);
  columns_.resize(output_shape_[2]);
  FillTaps(interpolation_, input_shape_[1], rows_);
  FillTaps(interpolation_, input_shape_[2], columns_);
  float* output = NewOutput();
  ThreadPool& pool = engine().pool();
  Resample(pool, Geometry(), Planes(), input_.data(), output,
           engine().Workspace(ResamplingWorkspace(pool, Geometry())));
}

void Resampling2D::OnBackward(const Tensor& output_gradient,
                              const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  float* gradient = NewInputGradient();
  ThreadPool& pool = engine().pool();
  ResampleGradient(pool, Geometry(), Planes(), output_gradient.data(), gradient,
                   engine().Workspace(ResamplingWorkspace(pool, Geometry())));
}

UpSampling2D::UpSampling2D(Engine& engine, ConfigReader& reader)
    : Resampling2D(engine, kType, reader, "nearest"),
      size_(reader.Pair("size", 1, AxisPair{2, 2})) {}

Shape UpSampling2D::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  // Products of absurd sizes wrap around in 32 bits; Shape refuses these.
  const auto product = [](size_t length, size_t factor) {
    return static_cast<size_t>(
        std::min<uint64_t>(uint64_t{length} * factor, SIZE_MAX));
  };
  return {input_shape[0], product(input_shape[1], size_[0]),
          product(input_shape[2], size_[1])};
}

void UpSampling2D::WriteConfig(Config& config) const {
  config.Add("size", FromPair(size_));
  Resampling2D::WriteConfig(config);
}

Resizing::Resizing(Engine& engine, ConfigReader& reader)
    : Resampling2D(engine, kType, reader, "bilinear"),
      height_(reader.Integer("height", 1)),
      width_(reader.Integer("width", 1)) {}

Shape Resizing::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  return {input_shape[0], height_, width_};
}

void Resizing::WriteConfig(Config& config) const {
  config.Set("height", height_);
  config.Set("width", width_);
  Resampling2D::WriteConfig(config);
}

}  // namespace lamella
