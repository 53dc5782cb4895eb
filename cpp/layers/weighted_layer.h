// Common part of the layers that have weights and biases.
#ifndef LAMELLA_LAYERS_WEIGHTED_LAYER_H_
#define LAMELLA_LAYERS_WEIGHTED_LAYER_H_

#include <string_view>
#include <vector>

#include "layers/layer.h"

namespace lamella {

/// Weights are drawn from a normal distribution of mean 0 and standard
/// deviation sqrt(gain / fan_in), where fan_in is the number of inputs to one
/// output. Biases start at zero, as the variances below assume.
enum class Initialization {
  /// The model decides by the activation that follows; Xavier without a model.
  kAuto,
  /// Gain 2, for ReLU-like activations. Source: He, Zhang, Ren, Sun, "Delving
  /// deep into rectifiers", 2015, equation 10.
  kHe,
  /// Gain 1. Source: Glorot, Bengio, "Understanding the difficulty of training
  /// deep feedforward neural networks", 2010, equation 10, which takes the mean
  /// of fan_in and fan_out; this is the widespread form with fan_in alone.
  kXavier,
};

/// "auto", "he" or "xavier"; value error that names `owner` otherwise.
Initialization ParseInitialization(std::string_view owner,
                                   std::string_view name);
std::string_view InitializationName(Initialization initialization);

/// A layer with a weight tensor and, unless switched off, biases.
class WeightedLayer : public Layer {
 public:
  /// The way in which the weights were drawn.
  struct Drawing {
    Initialization method;
    bool no_bias;
    /// Whether they are as `Build` drew them, but for what was written into the
    /// tensors that were handed out.
    bool as_drawn = true;
    /// Tells whether something was.
    uint64_t fingerprint = 0;
    RandomStream random{0, RandomPurpose::kInitialization,
                        NextStandaloneIndex()};
  };

  const Drawing& drawing() const { return drawing_; }
  void set_drawing(const Drawing& drawing) { drawing_ = drawing; }

  bool no_bias() const { return drawing_.no_bias; }

  /// Draws the weights anew by `method` (kAuto means Xavier here), sets the
  /// biases to zero, and drops them when `no_bias` is true. State error before
  /// `Build`.
  void InitWeights(Initialization method, bool no_bias);

  /// A model's initialisation: draws the weights by the model's seed, in
  /// "auto" layers by `automatic` and, if `drop_bias`, without biases; a bias
  /// that the user switched off stays off. Does nothing once the weights have
  /// been loaded, written to, drawn by `InitWeights` or trained, or belong to
  /// another model.
  void InitForModel(Initialization automatic, bool drop_bias);

  void Seed(uint64_t seed, uint32_t index) override;
  LayerRole role() const override { return LayerRole::kOtherActivation; }
  WeightedLayer* AsWeighted() override { return this; }
  void ParamsLoaded() override { drawing_.as_drawn = false; }
  bool CanRectifyOutput() const override { return true; }
  bool CanRectifyGradient() const override { return true; }

 protected:
  /// Reads initialization and noBias.
  WeightedLayer(std::string_view type, std::string_view weights_name,
                ConfigReader& reader);

  virtual Shape WeightsShape() const = 0;
  virtual Shape BiasesShape() const = 0;
  virtual size_t FanIn() const = 0;

  void CollectParams(std::vector<Parameter>& params) override;
  void OnBuild() override;
  void CollectBuilt(std::vector<Tensor*>& tensors) override;
  bool NeedsBuild() const override { return true; }
  void WriteConfig(Config& config) const override;

  /// Must be called when gradients are computed: from then on the weights are
  /// not drawn anew.
  void MarkTrained() { drawing_.as_drawn = false; }

  /// The biases' memory, or null without biases.
  const float* biases() const { return biases_.value.data(); }
  float* biases_gradient() { return biases_.gradient.data(); }
  const float* weights() const { return weights_.value.data(); }
  float* weights_gradient() { return weights_.gradient.data(); }

 private:
  void Draw();
  /// A hash of the bits of weights and biases.
  uint64_t Fingerprint() const;

  std::string_view weights_name_;
  Initialization initialization_;
  Drawing drawing_;
  Parameter weights_, biases_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_WEIGHTED_LAYER_H_
