#ifndef LAMELLA_LAYERS_GAUSSIAN_NOISE_H_
#define LAMELLA_LAYERS_GAUSSIAN_NOISE_H_

#include "layers/random_layer.h"

namespace lamella {

/// Adds a draw from a normal distribution of mean 0 to each element while
/// training; passes everything through at inference, sharing memory. The draws
/// are new in every training pass.
class GaussianNoise final : public RandomLayer {
 public:
  static constexpr std::string_view kType = "GaussianNoise";

  /// Reads standardDeviation (required, at least 0).
  GaussianNoise(Engine& engine, ConfigReader& reader);

 protected:
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  double standard_deviation_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_GAUSSIAN_NOISE_H_
