#ifndef LAMELLA_LAYERS_GLOBAL_MAX_POOLING_H_
#define LAMELLA_LAYERS_GLOBAL_MAX_POOLING_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/pooling.h"
#include "layers/layer.h"

namespace lamella {

/// (N, C, H, W) to (N, C): the greatest of each channel's pixels, to which the
/// gradient goes; of equals to the first one in row-major order.
class GlobalMaxPooling2D final : public Layer {
 public:
  static constexpr std::string_view kType = "GlobalMaxPooling2D";

  GlobalMaxPooling2D(Engine& engine, ConfigReader& /*reader*/)
      : Layer(engine, kType) {}

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  /// One window, over the whole of each plane.
  PoolingGeometry Geometry() const;
  size_t Planes() const { return batch() * input_shape_[0]; }

  /// Place of each plane's greatest pixel.
  std::vector<uint32_t> places_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_GLOBAL_MAX_POOLING_H_
