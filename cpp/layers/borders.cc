#include "layers/borders.h"

#include <algorithm>
#include <cstdint>

#include "layers/windows.h"

namespace lamella {

Border2D::Border2D(Engine& engine, std::string_view type, ConfigReader& reader,
                   std::string_view key, double missing)
    : Layer(engine, type), key_(key) {
  const ConfigValue* given = reader.Value(key);
  const Sides sides = ReadSides(
      reader, key, "", given == nullptr ? ConfigValue(missing) : *given);
  std::ranges::copy(sides, sides_.begin());
}

void Border2D::WriteConfig(Config& config) const {
  Sides sides;
  std::ranges::copy(sides_, sides.begin());
  config.Add(key_, FromSides(sides));
}

BorderGeometry Border2D::Geometry(size_t height, size_t width) const {
  return {.height = height,
          .width = width,
          .top = sides_[0],
          .bottom = sides_[1],
          .left = sides_[2],
          .right = sides_[3]};
}

Shape ZeroPadding2D::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  // Sums of absurd sizes wrap around in 32 bits; Shape refuses these.
  const auto sum = [](size_t length, size_t before, size_t after) {
    return static_cast<size_t>(
        std::min<uint64_t>(uint64_t{length} + before + after, SIZE_MAX));
  };
  return {input_shape[0], sum(input_shape[1], sides_[0], sides_[1]),
          sum(input_shape[2], sides_[2], sides_[3])};
}

void ZeroPadding2D::OnForward(const ForwardArguments& /*arguments*/) {
  AddBorder(engine().pool(), Geometry(input_shape_[1], input_shape_[2]),
            Planes(), input_.data(), NewOutput());
}

void ZeroPadding2D::OnBackward(const Tensor& output_gradient,
                               const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  RemoveBorder(engine().pool(), Geometry(input_shape_[1], input_shape_[2]),
               Planes(), output_gradient.data(), NewInputGradient());
}

Shape Cropping2D::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  const size_t height = input_shape[1], width = input_shape[2];
  // Both sides of an axis are below 2^31, so their sum does not wrap around.
  if (vertical() >= height || horizontal() >= width) {
    Config config;
    WriteConfig(config);
    Fail(ErrorKind::kShape, "cropping {} leaves nothing of images of shape {}",
         {ConfigReader::Describe(*config.Find(key_)), input_shape});
  }
  return {input_shape[0], height - vertical(), width - horizontal()};
}

void Cropping2D::OnForward(const ForwardArguments& /*arguments*/) {
  RemoveBorder(engine().pool(), Geometry(output_shape_[1], output_shape_[2]),
               Planes(), input_.data(), NewOutput());
}

void Cropping2D::OnBackward(const Tensor& output_gradient,
                            const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  AddBorder(engine().pool(), Geometry(output_shape_[1], output_shape_[2]),
            Planes(), output_gradient.data(), NewInputGradient());
}

}  // namespace lamella
