#ifndef LAMELLA_LAYERS_DROPOUT_H_
#define LAMELLA_LAYERS_DROPOUT_H_

#include "layers/layer.h"

namespace lamella {

/// Sets each element to zero with `probability` while training and scales the
/// others by 1 / (1 - probability), so that the mean stays; passes everything
/// through at inference, sharing memory. The mask is new in every training
/// pass. Probability 1 gives zeros. Source: Srivastava et al., "Dropout", JMLR
/// 15, 2014, in its inverted form.
class Dropout final : public Layer {
 public:
  static constexpr std::string_view kType = "Dropout";

  /// Reads probability (default 0.5, in [0, 1]).
  Dropout(Engine& engine, ConfigReader& reader);
  void Seed(const LayerSeed& seed) override;

  RandomStream* random() override { return &random_; }
  void SaveState() override { saved_position_ = random_.position(); }
  void RestoreState() override { random_.set_position(saved_position_); }

 protected:
  Shape OutputShape(const Shape& input_shape) const override {
    return input_shape;
  }
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  double probability_;
  RandomStream random_;
  uint64_t saved_position_ = 0;
  /// Factor of each element in the last training pass.
  Tensor mask_;
  /// Whether the last pass was one.
  bool masked_ = false;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_DROPOUT_H_
