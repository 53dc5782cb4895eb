#ifndef LAMELLA_LAYERS_BATCH_NORMALIZATION_H_
#define LAMELLA_LAYERS_BATCH_NORMALIZATION_H_

#include "kernels/batch_norm.h"
#include "layers/layer.h"

namespace lamella {

/// Batch normalization, per feature of vectors (batch, features) with
/// parameters (1, features), or, as BatchNormalization2D, per channel of images
/// (N, C, H, W) over batch, height and width with parameters (1, C, 1, 1): y =
/// gamma * (x - mean) / sqrt(variance + epsilon) + beta.
///
/// Training uses the batch's mean and biased variance (divided by N; PyTorch
/// keeps N - 1 in its running variance) and updates the running ones, cache =
/// momentum * cache + (1 - momentum) * batch (Keras' sense of momentum; in
/// PyTorch it is one minus this). Inference uses the running ones, and so does
/// a frozen layer. A backward pass after that treats them as the constants they
/// are.
class BatchNormalization : public Layer {
 public:
  /// Reads momentum (default 0.9, in [0, 1]), epsilon (default 1e-8). The
  /// reader's owner tells whether it is for images.
  explicit BatchNormalization(ConfigReader& reader);

  LayerRole role() const override { return LayerRole::kNormalization; }
  bool mixes_samples() const override { return trainable(); }

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void CollectParams(std::vector<Parameter>& params) override;
  /// cache_m and cache_v: running mean and variance.
  void CollectState(std::vector<Parameter>& state) override;
  void OnBuild() override;
  bool NeedsBuild() const override { return true; }
  void WriteConfig(Config& config) const override;
  void OnForward(bool training) override;
  void OnBackward(const Tensor& output_gradient,
                  bool want_input_gradient) override;

 private:
  /// Shape of gamma, beta and the caches.
  Shape ParamsShape() const;
  BatchNormGeometry Geometry() const;

  bool images_;
  double momentum_;
  double epsilon_;
  Parameter gamma_, beta_;
  Tensor running_mean_, running_variance_;
  /// Of the last training pass.
  Tensor mean_, variance_;
  /// Of the last pass: (x - mean) / deviation, and 1 / deviation.
  Tensor normalized_, inverse_deviation_;
  bool trained_ = false;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_BATCH_NORMALIZATION_H_
