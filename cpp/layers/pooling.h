#ifndef LAMELLA_LAYERS_POOLING_H_
#define LAMELLA_LAYERS_POOLING_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/pooling.h"
#include "layers/layer.h"
#include "layers/windows.h"

namespace lamella {

/// Common part of the pooling layers: images (N, C, H, W) to (N, C, H_out,
/// W_out), H_out = floor((H + padding - pool_size) / stride) + 1, W_out
/// likewise; rows and columns that no window reaches are ignored.
class Pooling2D : public Layer {
 protected:
  /// Reads poolSize (default 2), stride (default poolSize), and padding as
  /// `Windows` does, smaller than a window, so that none lies in it alone.
  Pooling2D(Engine& engine, std::string_view type, ConfigReader& reader);

  Shape OutputShape(const Shape& input_shape) const override;
  void WriteConfig(Config& config) const override;

  PoolingGeometry Geometry() const { return Geometry(input_shape_); }
  /// Planes in the last batch: images times channels.
  size_t Planes() const { return batch() * input_shape_[0]; }

 private:
  PoolingGeometry Geometry(const Shape& images) const;

  Windows windows_;
};

/// The greatest element of each window; padding counts for nothing. The
/// gradient goes to that element, the first one in row-major order among
/// equals.
class MaxPooling2D final : public Pooling2D {
 public:
  static constexpr std::string_view kType = "MaxPooling2D";

  MaxPooling2D(Engine& engine, ConfigReader& reader)
      : Pooling2D(engine, kType, reader) {}
  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.rectifies_gradient = true};
    return kTraits;
  }

 protected:
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  /// Room for the indices of the present output.
  uint32_t* Indices();

  /// Place of each output's element in its input plane. It keeps its size when
  /// the batch gets smaller.
  std::vector<uint32_t> indices_;
  /// False after inference, which needs no indices.
  bool has_indices_ = false;
};

/// The mean of each window: of what lies in the image, or with its padding.
class AveragePooling2D final : public Pooling2D {
 public:
  static constexpr std::string_view kType = "AveragePooling2D";

  /// Reads countIncludePad too (default false): padding counts as zeros.
  AveragePooling2D(Engine& engine, ConfigReader& reader)
      : Pooling2D(engine, kType, reader),
        count_include_pad_(reader.Bool("countIncludePad", false)) {}

 protected:
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  bool count_include_pad_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_POOLING_H_
