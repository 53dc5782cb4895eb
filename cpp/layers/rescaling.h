#ifndef LAMELLA_LAYERS_RESCALING_H_
#define LAMELLA_LAYERS_RESCALING_H_

#include "layers/layer.h"

namespace lamella {

/// x * scale + offset, of samples of any shape, in training as in inference.
class Rescaling final : public Layer {
 public:
  static constexpr std::string_view kType = "Rescaling";

  /// Reads scale (required) and offset (default 0), both finite.
  Rescaling(Engine& engine, ConfigReader& reader);

 protected:
  Shape OutputShape(const Shape& input_shape) const override {
    return input_shape;
  }
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  double scale_;
  double offset_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_RESCALING_H_
