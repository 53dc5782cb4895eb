#ifndef LAMELLA_LAYERS_FLATTEN_H_
#define LAMELLA_LAYERS_FLATTEN_H_

#include <memory>

#include "layers/layer.h"

namespace lamella {

/// (N, C, H, W) to (N, C * H * W): the same numbers as one vector per sample.
/// Input and output, and the gradients, share their memory.
class Flatten : public Layer {
 public:
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "Flatten"; }

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void OnForward(bool training) override;
  void OnBackward(const Tensor& output_gradient,
                  bool want_input_gradient) override;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_FLATTEN_H_
