// Activation functions as layers. They take any shape and work elementwise,
// except Softmax.
#ifndef LAMELLA_LAYERS_ACTIVATIONS_H_
#define LAMELLA_LAYERS_ACTIVATIONS_H_

#include <memory>

#include "layers/layer.h"

namespace lamella {

/// Common part: output shape equals input shape, no parameters.
class Activation : public Layer {
 public:
  LayerRole role() const override { return LayerRole::kOtherActivation; }

 protected:
  Shape OutputShape(const Shape& input_shape) const override {
    return input_shape;
  }
  void OnForward(bool training) final;
  void OnBackward(const Tensor& output_gradient,
                  bool want_input_gradient) final;

  /// Computes `output_` from `input_`, both of `size` elements.
  virtual void Compute(size_t size) = 0;
  /// Computes `input_gradient_` from `output_gradient`.
  virtual void ComputeGradient(const float* output_gradient, size_t size) = 0;
};

/// max(x, 0); the derivative at 0 is 0.
class ReLU : public Activation {
 public:
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "ReLU"; }
  LayerRole role() const override { return LayerRole::kRectifier; }

 protected:
  void Compute(size_t size) override;
  void ComputeGradient(const float* output_gradient, size_t size) override;
};

/// x for x > 0, alpha * x otherwise. `alpha` is a constant, not learned, as in
/// the files this layer is stored in; a select, so that alpha > 1 works too.
class PReLU : public Activation {
 public:
  explicit PReLU(double alpha) : alpha_(alpha) {}
  /// Reads alpha (default 0.01).
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "PReLU"; }
  LayerRole role() const override { return LayerRole::kRectifier; }

 protected:
  void WriteConfig(Config& config) const override;
  void Compute(size_t size) override;
  void ComputeGradient(const float* output_gradient, size_t size) override;

 private:
  double alpha_;
};

/// The same function under the name that Keras and PyTorch give it.
class LeakyReLU : public PReLU {
 public:
  using PReLU::PReLU;
  /// Reads alpha (default 0.01).
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "LeakyReLU"; }
};

/// x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))): the tanh form, which
/// differs from the exact x * Phi(x) by less than 5e-4.
class GELU : public Activation {
 public:
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "GELU"; }
  LayerRole role() const override { return LayerRole::kRectifier; }

 protected:
  void Compute(size_t size) override;
  void ComputeGradient(const float* output_gradient, size_t size) override;
};

/// 1 / (1 + e^-x).
class Sigmoid : public Activation {
 public:
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "Sigmoid"; }

 protected:
  void Compute(size_t size) override;
  void ComputeGradient(const float* output_gradient, size_t size) override;
};

/// Hyperbolic tangent.
class Tanh : public Activation {
 public:
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "Tanh"; }

 protected:
  void Compute(size_t size) override;
  void ComputeGradient(const float* output_gradient, size_t size) override;
};

/// x * sigmoid(x).
class Swish : public Activation {
 public:
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "Swish"; }
  LayerRole role() const override { return LayerRole::kRectifier; }

 protected:
  void Compute(size_t size) override;
  void ComputeGradient(const float* output_gradient, size_t size) override;
};

/// softmax(x / temperature) over the first dimension of a sample: the classes
/// of a vector, the channels of an image.
class Softmax : public Activation {
 public:
  explicit Softmax(double temperature) : temperature_(temperature) {}
  /// Reads temperature (default 1, greater than 0).
  static std::shared_ptr<Layer> FromConfig(ConfigReader& reader);
  std::string_view type() const override { return "Softmax"; }

 protected:
  void WriteConfig(Config& config) const override;
  void Compute(size_t size) override;
  void ComputeGradient(const float* output_gradient, size_t size) override;

 private:
  size_t Pixels() const;

  double temperature_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_ACTIVATIONS_H_
