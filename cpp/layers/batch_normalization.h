#ifndef LAMELLA_LAYERS_BATCH_NORMALIZATION_H_
#define LAMELLA_LAYERS_BATCH_NORMALIZATION_H_

#include "kernels/batch_norm.h"
#include "layers/layer.h"

namespace lamella {

/// Batch normalization of vectors (batch, features), per feature, with
/// parameters of shape (1, features): y = gamma * (x - mean) / sqrt(variance +
/// epsilon) + beta.
///
/// Training uses the batch's mean and biased variance (divided by N; PyTorch
/// keeps N - 1 in its running variance) and updates the running ones, cache =
/// momentum * cache + (1 - momentum) * batch (Keras' sense of momentum; in
/// PyTorch it is one minus this). Inference uses the running ones, and so does
/// a frozen layer. A backward pass after that treats them as constants.
class BatchNormalization : public Layer {
 public:
  static constexpr std::string_view kType = "BatchNormalization";

  /// Reads momentum (default 0.9, in [0, 1]), epsilon (default 1e-8, at
  /// least 0).
  BatchNormalization(Engine& engine, ConfigReader& reader)
      : BatchNormalization(engine, kType, reader) {}

  void SaveState() override;
  void RestoreState() override;
  BatchNormParameters Normalization() override;
  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.role = LayerRole::kNormalization,
                                            .rectifies_output = true,
                                            .is_batch_norm = true,
                                            .mixes_samples = true};
    return kTraits;
  }

 protected:
  BatchNormalization(Engine& engine, std::string_view type,
                     ConfigReader& reader);

  /// Shape of gamma, beta and the caches.
  virtual Shape ParamsShape() const;

  Shape OutputShape(const Shape& input_shape) const override;
  void CollectParams(std::vector<Parameter>& params) override;
  /// cache_m and cache_v: running mean and variance.
  void CollectState(std::vector<Parameter>& state) override;
  void OnBuild() override;
  void CollectBuilt(std::vector<Tensor*>& tensors) override;
  bool NeedsBuild() const override { return true; }
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  BatchNormGeometry Geometry() const;
  /// Sets `inverse_deviation_` by the batch's variance, if the last pass
  /// trained, or by the running one.
  void ComputeInverseDeviation();
  /// The numbers of the last pass.
  BatchNormParameters Parameters() const;

  double momentum_;
  double epsilon_;
  Parameter gamma_, beta_;
  Tensor running_mean_, running_variance_;
  /// The running ones before the step at hand.
  Tensor saved_mean_, saved_variance_;
  /// Of the last training pass.
  Tensor mean_, mean_rest_, variance_;
  /// Of the last pass.
  Tensor inverse_deviation_;
  bool trained_ = false;
};

/// The same of images (N, C, H, W), per channel, over batch, height and width;
/// parameters have shape (1, C, 1, 1).
class BatchNormalization2D final : public BatchNormalization {
 public:
  static constexpr std::string_view kType = "BatchNormalization2D";

  BatchNormalization2D(Engine& engine, ConfigReader& reader)
      : BatchNormalization(engine, kType, reader) {}

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  Shape ParamsShape() const override;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_BATCH_NORMALIZATION_H_
