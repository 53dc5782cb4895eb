// Activation functions as layers. They take any shape and work elementwise,
// except Softmax.
#ifndef LAMELLA_LAYERS_ACTIVATIONS_H_
#define LAMELLA_LAYERS_ACTIVATIONS_H_

#include "layers/layer.h"

namespace lamella {

/// Common part: output shape equals input shape, no parameters.
class Activation : public Layer {
 public:
  LayerRole role() const override { return LayerRole::kOtherActivation; }

 protected:
  using Layer::Layer;

  Shape OutputShape(const Shape& input_shape) const override {
    return input_shape;
  }
  void OnForward(bool training) final;
  void OnBackward(const Tensor& output_gradient,
                  bool want_input_gradient) final;

  /// Computes `output` from `input_`, both of `size` elements.
  virtual void Compute(float* output, size_t size) = 0;
  /// Computes `input_gradient` from `output_gradient`.
  virtual void ComputeGradient(const float* output_gradient,
                               float* input_gradient, size_t size) = 0;
};

/// An elementwise function without options, one of
///   ReLU: max(x, 0); the derivative at 0 is 0.
///   Sigmoid: 1 / (1 + e^-x).
///   Tanh: the hyperbolic tangent.
///   Swish: x * sigmoid(x).
///   GELU: x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))): the tanh
///     form, which differs from the exact x * Phi(x) by less than 5e-4.
class PlainActivation : public Activation {
 public:
  /// The reader's owner chooses the function.
  explicit PlainActivation(ConfigReader& reader);
  LayerRole role() const override;
  bool IsRelu() const override;

  struct Function;

 protected:
  void Compute(float* output, size_t size) override;
  void ComputeGradient(const float* output_gradient, float* input_gradient,
                       size_t size) override;

 private:
  const Function& function_;
};

/// PReLU: x for x > 0, alpha * x otherwise. `alpha` is a constant, not learned,
/// as in the files this layer is stored in; a select, so that alpha > 1 works
/// too. LeakyReLU is the name that Keras and PyTorch give it.
class PReLU : public Activation {
 public:
  /// Reads alpha (default 0.01).
  explicit PReLU(ConfigReader& reader);
  LayerRole role() const override { return LayerRole::kRectifier; }

 protected:
  void WriteConfig(Config& config) const override;
  void Compute(float* output, size_t size) override;
  void ComputeGradient(const float* output_gradient, float* input_gradient,
                       size_t size) override;

 private:
  double alpha_;
};

/// softmax(x / temperature) over the first dimension of a sample: the classes
/// of a vector, the channels of an image.
class Softmax : public Activation {
 public:
  /// Reads temperature (default 1, greater than 0).
  explicit Softmax(ConfigReader& reader);

 protected:
  void WriteConfig(Config& config) const override;
  void Compute(float* output, size_t size) override;
  void ComputeGradient(const float* output_gradient, float* input_gradient,
                       size_t size) override;

 private:
  size_t Pixels() const;

  double temperature_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_ACTIVATIONS_H_
