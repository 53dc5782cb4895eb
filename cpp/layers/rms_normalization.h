#ifndef LAMELLA_LAYERS_RMS_NORMALIZATION_H_
#define LAMELLA_LAYERS_RMS_NORMALIZATION_H_

#include <string_view>
#include <vector>

#include "layers/layer.h"
#include "tensor/axis.h"

namespace lamella {

/// Root mean square normalization (Zhang, Sennrich, 2019): every sample is
/// divided by the root of the mean square of all its numbers, y = gamma * x /
/// sqrt(mean(x^2) + epsilon), in training and inference alike. gamma has a
/// number for each of the sample's: shape (1, …input_shape). With an axis every
/// position is normalized by its numbers along that axis, and gamma has the
/// shape (1, size of the axis).
class RMSNormalization final : public Layer {
 public:
  static constexpr std::string_view kType = "RMSNormalization";

  /// Reads epsilon (default 1e-6, at least 0) and axis, whose default is none:
  /// all numbers of a sample.
  RMSNormalization(Engine& engine, ConfigReader& reader);

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
  /// The last pass's input, of which all numbers or one axis are normalized.
  AxisView View() const;

  double epsilon_;
  Axis axis_;
  Parameter gamma_;
  /// Of the last pass, (positions).
  Tensor inverse_rms_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_RMS_NORMALIZATION_H_
