#ifndef LAMELLA_LAYERS_MERGE_LAYER_H_
#define LAMELLA_LAYERS_MERGE_LAYER_H_

#include <cassert>
#include <span>
#include <string_view>
#include <vector>

#include "layers/layer.h"

namespace lamella {

/// A layer of a graph that takes several inputs. To `Layer` its input is the
/// first of them.
class MergeLayer : public Layer {
 public:
  /// Configures the layer for inputs whose samples have these shapes, at least
  /// one. Throws a shape error when it cannot take them, and a state error for
  /// other shapes than those that it has in a model; then it is as it was.
  void BuildFor(std::span<const Shape> shapes);

  /// Sets one of the inputs of the next forward pass.
  void SetInput(size_t index, const Tensor& input) {
    assert(index < inputs_.size());
    inputs_[index] = input;
    given_ = true;
  }

  /// The last backward pass's gradient with respect to an input.
  const Tensor& gradient(size_t input) const { return gradients_[input]; }

  const LayerTraits& Describe() const override {
    static constexpr LayerTraits kTraits = {.takes_several = true};
    return kTraits;
  }
  void ReleaseActivations() override;
  void ReleaseGradient() override;

 protected:
  using Layer::Layer;

  /// Shape of the output for the inputs' shapes; shape error when the layer
  /// cannot take them. By default they must be equal, and the output has their
  /// shape.
  virtual Shape MergedShape(std::span<const Shape> shapes) const;

  /// Computes `output_` from `inputs_`.
  virtual void Merge() = 0;
  /// Computes the `gradients_` of all inputs.
  virtual void ComputeGradients(const Tensor& output_gradient) = 0;

  Shape OutputShape(const Shape& input_shape) const final;
  bool NeedsBuild() const override { return true; }
  /// It has no parameters.
  bool learns() const override { return false; }
  void OnForward(const ForwardArguments& arguments) final;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) final;

  std::vector<Shape> shapes_;
  std::vector<Tensor> inputs_;
  std::vector<Tensor> gradients_;

 private:
  /// State error of a layer that is used alone.
  [[noreturn]] void FailAlone() const;

  /// Whether the inputs are those of the next forward pass.
  bool given_ = false;
};

/// A layer as one that takes several inputs, or null. In an engine without
/// further layers it is always null: see further_layers.h.
MergeLayer* AsMerge(Layer& layer);

}  // namespace lamella

#endif  // LAMELLA_LAYERS_MERGE_LAYER_H_
