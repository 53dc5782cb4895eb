#ifndef LAMELLA_LAYERS_FLATTEN_H_
#define LAMELLA_LAYERS_FLATTEN_H_

#include "layers/layer.h"

namespace lamella {

/// (N, C, H, W) to (N, C * H * W): the same numbers as one vector per sample.
/// Input and output, and the gradients, share their memory.
class Flatten final : public Layer {
 public:
  static constexpr std::string_view kType = "Flatten";

  Flatten(Engine& engine, ConfigReader& /*reader*/) : Layer(engine, kType) {}

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_FLATTEN_H_
