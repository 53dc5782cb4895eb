#ifndef LAMELLA_LAYERS_RESHAPE_H_
#define LAMELLA_LAYERS_RESHAPE_H_

#include "layers/layer.h"

namespace lamella {

/// The same numbers under another shape of equal size. Input and output, and
/// the gradients, share their memory.
class Reshape final : public Layer {
 public:
  static constexpr std::string_view kType = "Reshape";

  /// Reads targetShape (required, without the batch).
  Reshape(Engine& engine, ConfigReader& reader);

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  Shape target_shape_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_RESHAPE_H_
