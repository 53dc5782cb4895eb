#ifndef LAMELLA_LAYERS_BATCH_NORMALIZATION_H_
#define LAMELLA_LAYERS_BATCH_NORMALIZATION_H_

#include <memory>

#include "kernels/batch_norm.h"
#include "layers/layer.h"

namespace lamella {

/// Common part of batch normalization over vectors and over images: per feature
/// or channel, y = gamma * (x - mean) / sqrt(variance + epsilon) + beta.
///
/// Training uses the batch's mean and biased variance (divided by N; PyTorch
/// keeps N - 1 in its running variance) and updates the running ones, cache =
/// momentum * cache + (1 - momentum) * batch (Keras' sense of momentum; in
/// PyTorch it is one minus this). Inference uses the running ones, and so does
/// a frozen layer. A backward pass after that treats them as the constants they
/// are.
class BatchNormalizationBase : public Layer {
 public:
  BatchNormalizationBase(double momentum, double epsilon)
      : momentum_(momentum), epsilon_(epsilon) {}

  std::vector<Parameter> Params() override;
  /// cache_m and cache_v: running mean and variance.
  std::vector<NamedTensor> State() override;
  LayerRole role() const override { return LayerRole::kNormalization; }

 protected:
  /// Shape of gamma, beta and the caches.
  virtual Shape ParamsShape() const = 0;

  void OnBuild() override;
  bool NeedsBuild() const override { return true; }
  void WriteConfig(Config& config) const override;
  void OnForward(bool training) override;
  void OnBackward(const Tensor& output_gradient,
                  bool want_input_gradient) override;

 private:
  BatchNormGeometry Geometry() const;

  double momentum_;
  double epsilon_;
  Tensor gamma_, beta_, gamma_gradient_, beta_gradient_;
  Tensor running_mean_, running_variance_;
  /// Of the last training pass.
  Tensor mean_, variance_;
  /// Of the last pass: (x - mean) / deviation, and 1 / deviation.
  Tensor normalized_, inverse_deviation_;
  bool trained_ = false;
};

/// Batch normalization of vectors (batch, features); parameters (1, features).
class BatchNormalization : public BatchNormalizationBase {
 public:
  using BatchNormalizationBase::BatchNormalizationBase;
  /// Reads momentum (default 0.9, in [0, 1]), epsilon (default 1e-8).
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "BatchNormalization"; }

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  Shape ParamsShape() const override { return {1, input_shape_[0]}; }
};

/// Batch normalization of images (N, C, H, W) per channel, over batch, height
/// and width; parameters (1, C, 1, 1).
class BatchNormalization2D : public BatchNormalizationBase {
 public:
  using BatchNormalizationBase::BatchNormalizationBase;
  /// Reads momentum (default 0.9, in [0, 1]), epsilon (default 1e-8).
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "BatchNormalization2D"; }

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  Shape ParamsShape() const override { return {1, input_shape_[0], 1, 1}; }
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_BATCH_NORMALIZATION_H_
