#ifndef LAMELLA_LAYERS_REPEAT_H_
#define LAMELLA_LAYERS_REPEAT_H_

#include "layers/layer.h"

namespace lamella {

/// Vectors [features] to sequences [n, features] of n equal steps.
class Repeat final : public Layer {
 public:
  static constexpr std::string_view kType = "Repeat";

  /// Reads n (required, at least 1).
  Repeat(Engine& engine, ConfigReader& reader);

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  size_t n_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_REPEAT_H_
