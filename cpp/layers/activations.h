// Activation functions as layers. They take any shape and work elementwise,
// except Softmax.
#ifndef LAMELLA_LAYERS_ACTIVATIONS_H_
#define LAMELLA_LAYERS_ACTIVATIONS_H_

#include <string_view>

#include "layers/layer.h"
#include "tensor/axis.h"

namespace lamella {

/// Common part: output shape equals input shape, no parameters.
class Activation : public Layer {
 public:
  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.role =
                                                LayerRole::kOtherActivation};
    return kTraits;
  }

 protected:
  using Layer::Layer;

  Shape OutputShape(const Shape& input_shape) const override {
    return input_shape;
  }
  void OnForward(const ForwardArguments& arguments) final;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) final;

  /// Computes `output` from `input_`, both of `size` elements.
  virtual void Compute(float* output, size_t size) = 0;
  /// Computes `input_gradient` from `output_gradient`.
  virtual void ComputeGradient(const float* output_gradient,
                               float* input_gradient, size_t size) = 0;
};

/// Common part of the elementwise functions without options.
class PlainActivation : public Activation {
 public:
  const LayerTraits& Describe() const override { return function_.traits; }

 protected:
  struct Function {
    LayerTraits traits;
    void (*compute)(ThreadPool& pool, const float* x, float* y, size_t size);
    /// From the output rather than the input where `from_output`.
    void (*gradient)(ThreadPool& pool, const float* x_or_y,
                     const float* output_gradient, float* input_gradient,
                     size_t size);
    bool from_output;
  };

  PlainActivation(Engine& engine, std::string_view type,
                  const Function& function)
      : Activation(engine, type), function_(function) {}

  void Compute(float* output, size_t size) override;
  void ComputeGradient(const float* output_gradient, float* input_gradient,
                       size_t size) override;

 private:
  Function function_;
};

/// max(x, 0); the derivative at 0 is 0.
class ReLU final : public PlainActivation {
 public:
  static constexpr std::string_view kType = "ReLU";

  ReLU(Engine& engine, ConfigReader& reader);
};

/// 1 / (1 + e^-x).
class Sigmoid final : public PlainActivation {
 public:
  static constexpr std::string_view kType = "Sigmoid";

  Sigmoid(Engine& engine, ConfigReader& reader);
};

/// The hyperbolic tangent.
class Tanh final : public PlainActivation {
 public:
  static constexpr std::string_view kType = "Tanh";

  Tanh(Engine& engine, ConfigReader& reader);
};

/// x * sigmoid(x).
class Swish final : public PlainActivation {
 public:
  static constexpr std::string_view kType = "Swish";

  Swish(Engine& engine, ConfigReader& reader);
};

/// x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))): the tanh form, which
/// differs from the exact x * Phi(x) by less than 5e-4.
class GELU final : public PlainActivation {
 public:
  static constexpr std::string_view kType = "GELU";

  GELU(Engine& engine, ConfigReader& reader);
};

/// x for x > 0, alpha * x otherwise. `alpha` is a constant, not learned, as in
/// the files this layer is stored in; a select, so that alpha > 1 works too.
class PReLU : public Activation {
 public:
  static constexpr std::string_view kType = "PReLU";

  /// Reads alpha (default 0.01).
  PReLU(Engine& engine, ConfigReader& reader) : PReLU(engine, kType, reader) {}
  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.role = LayerRole::kRectifier};
    return kTraits;
  }

 protected:
  PReLU(Engine& engine, std::string_view type, ConfigReader& reader);

  void WriteConfig(Config& config) const override;
  void Compute(float* output, size_t size) override;
  void ComputeGradient(const float* output_gradient, float* input_gradient,
                       size_t size) override;

 private:
  double alpha_;
};

/// PReLU under the name that Keras and PyTorch give a constant alpha.
class LeakyReLU final : public PReLU {
 public:
  static constexpr std::string_view kType = "LeakyReLU";

  LeakyReLU(Engine& engine, ConfigReader& reader)
      : PReLU(engine, kType, reader) {}
};

/// softmax(x / temperature) along an axis of a sample: the classes of a vector
/// or of each step of a sequence, the channels of an image.
class Softmax final : public Activation {
 public:
  static constexpr std::string_view kType = "Softmax";

  /// Reads temperature (default 1, greater than 0) and axis.
  Softmax(Engine& engine, ConfigReader& reader);
  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.role = LayerRole::kOtherActivation,
                                            .activation = kType};
    return kTraits;
  }

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void WriteConfig(Config& config) const override;
  void Compute(float* output, size_t size) override;
  void ComputeGradient(const float* output_gradient, float* input_gradient,
                       size_t size) override;

 private:
  double temperature_;
  Axis axis_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_ACTIVATIONS_H_
