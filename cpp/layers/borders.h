#ifndef LAMELLA_LAYERS_BORDERS_H_
#define LAMELLA_LAYERS_BORDERS_H_

#include <array>
#include <string_view>

#include "kernels/borders.h"
#include "layers/layer.h"

namespace lamella {

/// Common part of the layers that put a border around images, or take one away.
class Border2D : public Layer {
 protected:
  /// Reads the sides under `key` as `ReadSides` does; `missing` of each
  /// without.
  Border2D(Engine& engine, std::string_view type, ConfigReader& reader,
           std::string_view key, double missing);

  void WriteConfig(Config& config) const override;

  /// Around images of this height and width.
  BorderGeometry Geometry(size_t height, size_t width) const;
  /// Pixels on the sides of each axis of images.
  size_t vertical() const { return sides_[0] + sides_[1]; }
  size_t horizontal() const { return sides_[2] + sides_[3]; }
  size_t Planes() const { return batch() * input_shape_[0]; }

  std::string_view key_;
  /// Top, bottom, left, right.
  std::array<size_t, 4> sides_;
};

/// (N, C, H, W) to (N, C, top + H + bottom, left + W + right), with zeros
/// around.
class ZeroPadding2D final : public Border2D {
 public:
  static constexpr std::string_view kType = "ZeroPadding2D";

  /// Reads padding (default 1).
  ZeroPadding2D(Engine& engine, ConfigReader& reader)
      : Border2D(engine, kType, reader, "padding", 1) {}

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;
};

/// (N, C, H, W) to (N, C, H - top - bottom, W - left - right), of which at
/// least one pixel must be left.
class Cropping2D final : public Border2D {
 public:
  static constexpr std::string_view kType = "Cropping2D";

  /// Reads cropping (default 0).
  Cropping2D(Engine& engine, ConfigReader& reader)
      : Border2D(engine, kType, reader, "cropping", 0) {}

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_BORDERS_H_
