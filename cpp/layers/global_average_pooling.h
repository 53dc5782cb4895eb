#ifndef LAMELLA_LAYERS_GLOBAL_AVERAGE_POOLING_H_
#define LAMELLA_LAYERS_GLOBAL_AVERAGE_POOLING_H_

#include "layers/layer.h"

namespace lamella {

/// (N, C, H, W) to (N, C): the mean of each channel's pixels (Lin, Chen, Yan,
/// "Network in network", 2014, section 3.2).
class GlobalAveragePooling2D final : public Layer {
 public:
  static constexpr std::string_view kType = "GlobalAveragePooling2D";

  GlobalAveragePooling2D(Engine& engine, ConfigReader& /*reader*/)
      : Layer(engine, kType) {}

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  size_t Pixels() const { return input_shape_[1] * input_shape_[2]; }
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_GLOBAL_AVERAGE_POOLING_H_
