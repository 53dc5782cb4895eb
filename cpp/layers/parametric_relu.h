#ifndef LAMELLA_LAYERS_PARAMETRIC_RELU_H_
#define LAMELLA_LAYERS_PARAMETRIC_RELU_H_

#include <string_view>
#include <vector>

#include "layers/layer.h"
#include "tensor/axis.h"

namespace lamella {

/// y = x for x > 0, alpha * x otherwise, with a learned slope alpha for each
/// channel, of shape (1, channels). Source: He et al., "Delving deep into
/// rectifiers", 2015, section 2.1. Weight decay leaves alpha as it is: it would
/// make a ReLU of it.
class ParametricReLU final : public Layer {
 public:
  static constexpr std::string_view kType = "ParametricReLU";

  /// Reads initialAlpha, with which alpha begins (default 0.25), and axis, that
  /// of the channels.
  ParametricReLU(Engine& engine, ConfigReader& reader);

  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.role = LayerRole::kRectifier};
    return kTraits;
  }

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void CollectParams(std::vector<Parameter>& params) override;
  void OnBuild() override;
  void CollectBuilt(std::vector<Tensor*>& tensors) override;
  bool NeedsBuild() const override { return true; }
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  double initial_alpha_;
  Axis axis_;
  Parameter alpha_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_PARAMETRIC_RELU_H_
