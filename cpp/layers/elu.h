// Exponential linear units.
#ifndef LAMELLA_LAYERS_ELU_H_
#define LAMELLA_LAYERS_ELU_H_

#include "layers/activations.h"

namespace lamella {

/// x for x > 0, alpha * (e^x - 1) otherwise; the derivative at 0 is alpha.
class ELU final : public Activation {
 public:
  static constexpr std::string_view kType = "ELU";

  /// Reads alpha (default 1, at least 0).
  ELU(Engine& engine, ConfigReader& reader);
  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.role = LayerRole::kRectifier};
    return kTraits;
  }

 protected:
  void WriteConfig(Config& config) const override;
  void Compute(float* output, size_t size) override;
  void ComputeGradient(const float* output_gradient, float* input_gradient,
                       size_t size) override;

 private:
  double alpha_;
};

/// 1.0507 times ELU with alpha 1.67326, which keeps mean 0 and variance 1. Its
/// paper wants weights of variance 1 / fan-in before it, which are Xavier's
/// here.
class SELU final : public PlainActivation {
 public:
  static constexpr std::string_view kType = "SELU";

  SELU(Engine& engine, ConfigReader& reader);
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_ELU_H_
