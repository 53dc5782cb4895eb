#ifndef LAMELLA_LAYERS_NORMALIZATION_H_
#define LAMELLA_LAYERS_NORMALIZATION_H_

#include <optional>
#include <string_view>
#include <vector>

#include "layers/layer.h"
#include "tensor/axis.h"

namespace lamella {

/// Brings each channel, or feature, to mean 0 and deviation 1 by a mean and a
/// variance that training does not change: y = (x - mean) / max(sqrt(variance),
/// 1e-7). They are its state, of shape (1, channels).
class Normalization final : public Layer {
 public:
  static constexpr std::string_view kType = "Normalization";

  /// Reads axis, that of the channels, and mean and variance: both or none,
  /// each a number or a list of one for each channel; variances at least 0.
  /// Without them the state begins as 0 and 1.
  Normalization(Engine& engine, ConfigReader& reader);

  bool learns() const override { return false; }

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void CollectState(std::vector<Parameter>& state) override;
  void OnBuild() override;
  void CollectBuilt(std::vector<Tensor*>& tensors) override;
  bool NeedsBuild() const override { return true; }
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  Axis axis_;
  /// As given.
  std::optional<ConfigValue> given_mean_, given_variance_;
  Tensor mean_, variance_;
  /// 1 / max(sqrt(variance), 1e-7) of the last pass, (channels).
  Tensor scale_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_NORMALIZATION_H_
