// The way through a graph of layers, as models and containers have them.
#ifndef LAMELLA_LAYERS_PLAN_H_
#define LAMELLA_LAYERS_PLAN_H_

#include <list>
#include <memory>
#include <span>
#include <vector>

#include "layers/layer.h"
#include "layers/merge_layer.h"

namespace lamella {

/// Appends the layers of a model's chain and those inside them, each before its
/// own, to `all`, which is empty. Value error when one is there twice.
void CollectLayers(Layer::Chain chain,
                   std::vector<std::shared_ptr<Layer>>& all);

/// The way through a graph of layers with one input, decided once. A ReLU is
/// done by the layer before it in forward passes and by the one after it in
/// backward passes, and batch normalization in inference by the layer before
/// it, where those can and nobody else takes what is between the two.
///
///     Plan plan;
///     Plan::Value& middle = plan.Append(trunk, plan.input());
///     plan.AddOutput(plan.Append(left, middle));
///     plan.AddOutput(plan.Append(right, middle));
///     plan.Decide();
class Plan {
 public:
  struct Value;

  Plan();
  /// The plain case: layers in a row, whose output is the last one's.
  explicit Plan(Layer::Chain chain);

  Value& input() { return values_.front(); }

  /// Makes a chain of layers take a value. Returns the one that they make of
  /// it, which is the same if there are none. They outlive the plan.
  Value& Append(Layer::Chain chain, Value& input);

  /// Makes a layer take several values, at least one, in their order.
  Value& Append(MergeLayer& layer, std::span<Value* const> inputs);

  /// Makes a value the graph's next output, which it may be once.
  void AddOutput(Value& value);

  /// Must be called once when the graph is complete.
  void Decide();

  /// Forward pass through the layers, all built, which sets `outputs`.
  void Forward(const Tensor& input, bool training,
               std::span<Tensor> outputs) const;

  /// Backward pass for the last `Forward`, by the gradients of its outputs.
  /// Returns the gradient with respect to the input. Unless
  /// `want_input_gradient`, it is unspecified, and layers before which nothing
  /// learns are left out.
  Tensor Backward(std::span<const Tensor> output_gradients,
                  bool want_input_gradient);

 private:
  /// In an order in which each comes after its inputs. The first one is the
  /// graph's input.
  std::list<Value> values_;
  size_t outputs_ = 0;
};

/// The graph's input, or what a layer makes of other values.
struct Plan::Value {
  Layer* layer = nullptr;
  /// The value that the layer takes, and, if it takes several, the others.
  Value* input = nullptr;
  std::vector<Value*> others;
  /// Its number among the graph's outputs, from 1, or 0.
  size_t output = 0;
  /// Layers that take it, and the graph's owner if it is an output.
  size_t readers = 0;
  /// Whether the layer does the work of the ReLU after it and of the one before
  /// it, and of the batch normalization after it.
  bool rectifies_output = false;
  bool rectifies_gradient = false;
  bool normalizes_output = false;

  /// Of the backward pass: whether its gradient is wanted, the sum over those
  /// of its readers that the pass has met, and memory for sums of several.
  bool wanted = false;
  Tensor gradient, sum;
  void AddGradient(ThreadPool& pool, const Tensor& part);
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_PLAN_H_
