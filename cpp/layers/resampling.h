#ifndef LAMELLA_LAYERS_RESAMPLING_H_
#define LAMELLA_LAYERS_RESAMPLING_H_

#include <string_view>
#include <vector>

#include "kernels/resampling.h"
#include "layers/layer.h"

namespace lamella {

/// Common part of the layers that make images larger or smaller. Pixels have
/// their centres at half places; nothing is antialiased.
class Resampling2D : public Layer {
 protected:
  /// Reads interpolation: "nearest" or "bilinear".
  Resampling2D(Engine& engine, std::string_view type, ConfigReader& reader,
               std::string_view missing);

  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  ResamplingGeometry Geometry() const;
  size_t Planes() const { return batch() * input_shape_[0]; }

  Interpolation interpolation_;
  /// Of the last forward pass. They keep their size while the images do.
  std::vector<ResamplingTap> rows_;
  std::vector<ResamplingTap> columns_;
};

/// (N, C, H, W) to (N, C, H * vertical, W * horizontal).
class UpSampling2D final : public Resampling2D {
 public:
  static constexpr std::string_view kType = "UpSampling2D";

  /// Reads size (a number or a pair, at least 1, default 2) and interpolation
  /// (default "nearest").
  UpSampling2D(Engine& engine, ConfigReader& reader);

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void WriteConfig(Config& config) const override;

 private:
  AxisPair size_;
};

/// (N, C, H, W) to (N, C, height, width).
class Resizing final : public Resampling2D {
 public:
  static constexpr std::string_view kType = "Resizing";

  /// Reads height and width (at least 1) and interpolation (default
  /// "bilinear").
  Resizing(Engine& engine, ConfigReader& reader);

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void WriteConfig(Config& config) const override;

 private:
  size_t height_;
  size_t width_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_RESAMPLING_H_
