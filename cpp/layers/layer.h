// Base class of all layers.
#ifndef LAMELLA_LAYERS_LAYER_H_
#define LAMELLA_LAYERS_LAYER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/component.h"
#include "base/error.h"
#include "base/random.h"
#include "kernels/batch_norm.h"
#include "tensor/tensor.h"

namespace lamella {

class WeightedLayer;

/// A trainable tensor of a layer and the gradient of the loss with respect to
/// it, both of the same shape; or a tensor that training does not optimize,
/// such as a running mean, which has no gradient. They share the layer's
/// memory: writing to `value` changes the layer.
struct Parameter {
  Parameter() = default;
  /// Zeros of this shape, of the engine's allowance.
  Parameter(Engine& engine, std::string_view name, const Shape& shape,
            bool decays = true);
  Parameter(std::string name, const Tensor& value,
            const Tensor& gradient = Tensor(), bool trainable = true);

  std::string name;
  Tensor value;
  Tensor gradient;
  /// Whether optimizers change it.
  bool trainable = true;
  /// Whether weight decay and other penalties apply to it: not to biases, nor
  /// to the scale and shift of normalizations.
  bool decays = true;
};

/// A layer's part in the initialisation of the weights before it.
enum class LayerRole {
  kTransparent,     ///< Pooling, dropout, reshaping: the next layer decides.
  kNormalization,   ///< Makes a bias before it useless; else transparent.
  kRectifier,       ///< ReLU-like activation: He initialisation before it.
  kOtherActivation  ///< Anything else, weighted layers too: Xavier before it.
};

/// Traits of a layer that plans and models ask for.
struct LayerTraits {
  LayerRole role = LayerRole::kTransparent;
  /// Name of the activation function that it is, for losses that include it;
  /// empty for layers that are none, or one that no loss knows.
  std::string_view activation = {};
  /// Whether it is max(x, 0) and nothing else, for a neighbour to do.
  bool is_relu = false;
  /// Whether `Forward` and `Backward` take `rectify`.
  bool rectifies_output = false;
  bool rectifies_gradient = false;
  /// Whether it is batch normalization, for a neighbour to do in inference, and
  /// whether `Forward` takes `normalization`.
  bool is_batch_norm = false;
  bool normalizes_output = false;
  /// Whether a sample's output, where the layer learns, depends on the other
  /// samples of its batch.
  bool mixes_samples = false;
  /// Whether it is a `MergeLayer`.
  bool takes_several = false;
};

/// A model's seed, and a layer's place in the model.
struct LayerSeed {
  uint64_t seed;
  uint32_t index;
};

/// Arguments of a forward pass.
struct ForwardArguments {
  /// Chooses the training behaviour of dropout and batch normalization.
  bool training = true;
  /// The output is normalized by these, before it is rectified, unless they are
  /// null: the work of a batch normalization that comes next, in inference.
  /// Takes `LayerTraits::normalizes_output`.
  const BatchNormParameters* normalization = nullptr;
  /// The output is max(x, 0): the work of a ReLU that comes next, without
  /// another pass over memory. Takes `LayerTraits::rectifies_output`.
  bool rectify = false;
};

/// Arguments of a backward pass.
struct BackwardArguments {
  /// Without it the gradient with respect to the input is unspecified.
  bool want_input_gradient = true;
  /// The gradient with respect to the input is the one with respect to the
  /// input of the ReLU that made it. Takes `LayerTraits::rectifies_gradient`.
  bool rectify = false;
};

/// Abstract base class of all layers: one step of a network, with its forward
/// pass, its backward pass, and its trainable parameters.
///
/// Shapes never include the batch, which is the first dimension of every tensor
/// passed in. Outputs and gradients belong to the layer and may share its
/// memory; a tensor that somebody still refers to is not overwritten by later
/// calls (see Tensor::Reset).
class Layer : public Component {
 public:
  using Chain = std::span<const std::shared_ptr<Layer>>;

  ~Layer() override;

  /// Configures the layer for samples of `input_shape` and allocates its
  /// parameters. Throws a shape error when the layer cannot take that shape.
  /// Building again for the same shape changes nothing; for another shape it
  /// starts afresh, which is a state error while a model uses the layer.
  void Build(const Shape& input_shape);

  /// Between the two a model uses the layer: it keeps its shapes.
  void BeginUse() { ++uses_; }
  void EndUse() { --uses_; }
  bool in_use() const { return uses_ > 0; }

  /// Whether a call of a model has the layer to itself: whoever else wants it,
  /// from a callback of that call, gets a state error.
  bool busy() const { return call_ == engine().calls(); }
  void set_busy(bool busy) { call_ = busy ? engine().calls() : 0; }

  /// A mark for `CollectLayers`, which leaves none behind.
  bool collected() const { return collected_; }
  void set_collected(bool collected) { collected_ = collected; }

  /// Builds for the input shape that the user gave to the constructor. From
  /// then on another shape is an error, and `GetConfig` writes this one.
  void DeclareInputShape(const Shape& input_shape);
  bool built() const { return built_; }

  /// Shapes of a sample on either side; state error before `Build`.
  const Shape& input_shape() const;
  const Shape& output_shape() const;

  /// The last forward pass's input and output; empty before it. In a model the
  /// output is normalized or rectified where batch normalization or a ReLU
  /// follows and the layer does its work.
  const Tensor& input() const { return input_; }
  const Tensor& output() const { return output_; }

  /// Forward pass over a batch. A layer without parameters takes its shape from
  /// the input when it was not built; another one throws a state error. Throws
  /// a shape error when the input does not fit.
  const Tensor& Forward(const Tensor& input,
                        const ForwardArguments& arguments = {});

  /// Backward pass for the last forward pass: takes the gradient of the loss
  /// with respect to the output, stores the gradients of the parameters, and
  /// returns the gradient with respect to the input.
  const Tensor& Backward(const Tensor& output_gradient,
                         const BackwardArguments& arguments = {});

  /// The layer's traits, which do not change.
  virtual const LayerTraits& Describe() const {
    static constexpr LayerTraits kTraits;
    return kTraits;
  }

  /// The numbers of inference, which hold until the layer's next call, for a
  /// neighbour that does the forward pass: there is no backward pass after it.
  /// Takes `LayerTraits::is_batch_norm`.
  virtual BatchNormParameters Normalization() { return {}; }

  /// Takes `output` for the output of the last forward pass, whose work the
  /// layer before has done. Of a ReLU it may be the input as well; another
  /// layer has no backward pass then.
  void AdoptOutput(const Tensor& output);

  /// Whether training has anything to do in the layer, be it only to see
  /// gradients.
  virtual bool learns() const { return NeedsBuild() && trainable(); }

  /// Trainable parameters; state error before `Build` when there are any.
  std::vector<Parameter> Params();

  /// Changes whenever `Params` would return other tensors than before, so that
  /// a model need not ask for them in every step.
  virtual uint32_t params_version() const { return params_version_; }

  /// Whether training changes the layer. A frozen layer's parameters stay as
  /// they are, and batch normalization works as in inference.
  virtual bool trainable() const { return trainable_; }
  virtual void set_trainable(bool trainable) {
    trainable_ = trainable;
    CountParamsChange();
  }

  /// Non-trainable state such as running means; shares the layer's memory.
  /// State error before `Build` when there is any.
  std::vector<Parameter> State();

  /// Keeps what a training pass moves on, running means and the position of
  /// random numbers, for `RestoreState` to put back if the step fails.
  virtual void SaveState() {}
  virtual void RestoreState() {}

  /// Must be called after writing into the tensors of `Params`.
  virtual void ParamsLoaded() {}

  Config GetConfig() const override;

  /// Points the layer's random numbers at the streams of (seed, index) and
  /// rewinds them.
  virtual void Seed(const LayerSeed& /*seed*/) {}

  /// The random numbers that training passes draw from, or null; their position
  /// makes a resumed run continue exactly.
  virtual RandomStream* random() { return nullptr; }

  /// The chains of layers inside, each from this one's input to its output.
  virtual std::span<const Chain> Chains() const { return {}; }

  /// This layer as one with weights, or null.
  virtual WeightedLayer* AsWeighted() { return nullptr; }

  /// Lets go of the last pass's tensors whose memory belongs to another layer,
  /// so that their owners can use it again. A model calls the first from the
  /// last layer to the first and the second from the first to the last, which
  /// is from borrower to owner.
  virtual void ReleaseActivations();
  virtual void ReleaseGradient();

 protected:
  Layer(Engine& engine, std::string_view type);

  /// Shape of the output for samples of `input_shape`; shape error when the
  /// layer cannot take it.
  virtual Shape OutputShape(const Shape& input_shape) const = 0;

  /// Append the tensors that `Params` and `State` return.
  virtual void CollectParams(std::vector<Parameter>& /*params*/) {}
  virtual void CollectState(std::vector<Parameter>& /*state*/) {}

  /// Allocates parameters once the shapes are known.
  virtual void OnBuild() {}

  /// Adds the tensors that `OnBuild` replaces.
  virtual void CollectBuilt(std::vector<Tensor*>& /*tensors*/) {}

  /// Whether the layer has parameters, so that it must be built before use.
  virtual bool NeedsBuild() const { return false; }

  /// Computes `output_` from `input_`, both passes' shapes already checked.
  virtual void OnForward(const ForwardArguments& arguments) = 0;

  /// Computes the gradients of the parameters and, if wanted,
  /// `input_gradient_`.
  virtual void OnBackward(const Tensor& output_gradient,
                          const BackwardArguments& arguments) = 0;

  /// Whether `GetConfig` has an `inputShape`.
  virtual bool WritesInputShape() const { return declared_; }

  /// Must be called whenever `Params` would return other tensors than before.
  void CountParamsChange() { ++params_version_; }

  /// Batch size of the last forward pass.
  size_t batch() const { return input_.shape()[0]; }

  /// `output_` and `input_gradient_` with the last pass's shapes and
  /// unspecified contents.
  float* NewOutput();
  float* NewInputGradient();

  /// State error "Dense: {what} known after build()" before `Build`.
  void CheckBuilt(std::string_view what) const;

  /// Throws an error whose message is "Dense: " and the format's text.
  [[noreturn]] void Fail(ErrorKind kind, std::string_view format,
                         const Arguments& arguments = {}) const;

  /// State error unless a pass has made what it was to make: one that calls
  /// into JavaScript may come back to a layer that does something else by now.
  void CheckUnchanged(const Tensor& result, const Shape& wanted) const;

  /// Shape error unless samples of this shape are images.
  void CheckImages(const Shape& input_shape) const;

  Shape input_shape_;
  Shape output_shape_;
  Tensor input_;
  Tensor output_;
  Tensor input_gradient_;

 private:
  friend class SavedLayer;

  void CheckOutputGradient(const Tensor& output_gradient) const;

  uint32_t params_version_ = 0;
  uint32_t call_ = 0;
  uint32_t uses_ = 0;
  bool built_ = false;
  bool collected_ = false;
  bool declared_ = false;
  bool trainable_ = true;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_LAYER_H_
