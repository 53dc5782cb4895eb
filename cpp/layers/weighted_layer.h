// Common part of the layers that have weights and biases.
#ifndef LAMELLA_LAYERS_WEIGHTED_LAYER_H_
#define LAMELLA_LAYERS_WEIGHTED_LAYER_H_

#include <string_view>
#include <utility>
#include <vector>

#include "layers/initialization.h"
#include "layers/layer.h"

namespace lamella {

/// A tensor that a layer declares among its weights.
struct WeightSpec {
  std::string_view name;
  Shape shape;
  /// Inputs to an output and outputs of an input, which its variance depends
  /// on.
  size_t fan_in = 0;
  size_t fan_out = 0;
  /// The way to draw it; kAuto as the layer's option says.
  Initialization initialization = Initialization::kAuto;
  /// See `Parameter::decays`.
  bool decays = true;
};

/// Biases of this shape, which start at zero, as the variances assume.
inline WeightSpec Biases(const Shape& shape) {
  return {.name = "biases",
          .shape = shape,
          .initialization = Initialization::kZeros,
          .decays = false};
}

/// Weights that a layer declares, allocated and drawn at once.
struct NewWeights {
  void Add(const WeightSpec& spec);

  Engine& engine;
  Initialization method;
  RandomStream random;
  std::vector<Parameter> parameters = {};
};

/// A layer with weights that are drawn at random. By default it has biases.
class WeightedLayer : public Layer {
 public:
  /// The weights, and the way in which they were drawn.
  struct Drawing {
    Initialization method;
    bool no_bias;
    std::vector<Parameter> weights = {};
    /// Whether they are as `Build` drew them, but for what was written into the
    /// tensors that were handed out.
    bool as_drawn = true;
    /// Tells whether something was.
    uint64_t fingerprint = 0;
    RandomStream random = {};
  };

  const Drawing& drawing() const { return drawing_; }
  void set_drawing(Drawing&& drawing) noexcept {
    drawing_ = std::move(drawing);
  }

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

  void Seed(const LayerSeed& seed) override;
  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.role = LayerRole::kOtherActivation,
                                            .rectifies_output = true,
                                            .rectifies_gradient = true};
    return kTraits;
  }
  WeightedLayer* AsWeighted() override { return this; }
  void ParamsLoaded() override { drawing_.as_drawn = false; }

 protected:
  /// Reads initialization and noBias.
  WeightedLayer(Engine& engine, std::string_view type, ConfigReader& reader);

  /// Adds the weights for `input_shape_`, in the order of `Params`: biases
  /// last, unless there are to be none.
  virtual void DeclareWeights(NewWeights& weights) const = 0;

  void CollectParams(std::vector<Parameter>& params) override;
  void OnBuild() override;
  bool NeedsBuild() const override { return true; }
  void WriteConfig(Config& config) const override;

  /// Must be called when gradients are computed: from then on the weights are
  /// not drawn anew.
  void MarkTrained() { drawing_.as_drawn = false; }

  /// Memory of the first of the weights, and of the biases, which may be null.
  const float* weights() const { return drawing_.weights.front().value.data(); }
  size_t weights_size() const { return drawing_.weights.front().value.size(); }
  float* weights_gradient() { return drawing_.weights.front().gradient.data(); }
  const float* biases() const {
    return no_bias() ? nullptr : drawing_.weights.back().value.data();
  }
  float* biases_gradient() { return drawing_.weights.back().gradient.data(); }

 private:
  /// A hash of the weights' bits.
  uint64_t Fingerprint() const;

  Initialization initialization_;
  Drawing drawing_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_WEIGHTED_LAYER_H_
