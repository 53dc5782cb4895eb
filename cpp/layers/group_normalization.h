#ifndef LAMELLA_LAYERS_GROUP_NORMALIZATION_H_
#define LAMELLA_LAYERS_GROUP_NORMALIZATION_H_

#include <string_view>
#include <vector>

#include "kernels/group_norm.h"
#include "layers/layer.h"
#include "tensor/axis.h"

namespace lamella {

/// Group normalization (Wu, He, 2018): a sample's channels in groups of
/// neighbours; all numbers of a group are normalized by their mean and biased
/// variance, y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, in
/// training and inference alike. gamma and beta, of shape (1, channels), have a
/// number for each channel.
class GroupNormalization final : public Layer {
 public:
  static constexpr std::string_view kType = "GroupNormalization";

  /// Reads groups (default 32, at least 1, a divisor of the channels), epsilon
  /// (default 1e-3, at least 0) and axis, that of the channels.
  GroupNormalization(Engine& engine, ConfigReader& reader);

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
  GroupNormGeometry Geometry() const;
  GroupMoments LastMoments();

  size_t groups_;
  double epsilon_;
  Axis axis_;
  Parameter gamma_, beta_;
  /// Of the last pass, (batch, channels).
  Tensor mean_, mean_rest_, inverse_deviation_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_GROUP_NORMALIZATION_H_
