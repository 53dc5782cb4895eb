#ifndef LAMELLA_LAYERS_GRAPH_H_
#define LAMELLA_LAYERS_GRAPH_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "layers/container.h"
#include "layers/plan.h"

namespace lamella {

/// A layer's use in a graph. Values are numbered: the graph's input is 0, what
/// the i-th call makes is i + 1.
struct GraphCall {
  /// Of the graph's layers.
  size_t layer;
  /// The layer that does this call: the same one, or, where a layer is called
  /// more than once, another one of the same configuration, which shares its
  /// parameters and state.
  std::shared_ptr<Layer> by;
  /// Values with smaller numbers than its own.
  std::vector<size_t> inputs;
};

/// Layers that take what any of the others make, without circles. A layer may
/// be called several times: its parameters are there once, and have the sum of
/// the gradients; running means move on with each call.
///
/// Parameters and state have the names of the layers' own after "layers_{i}_".
class Graph final : public Container {
 public:
  static constexpr std::string_view kType = "Graph";

  /// `calls` has at least one; the last one makes the output.
  Graph(Engine& engine, Layers layers, std::vector<GraphCall> calls);

  void SaveState() override;
  void RestoreState() override;
  void Seed(const LayerSeed& seed) override;
  /// Ways through the graph along which each layer is called once, and has one
  /// reader.
  std::span<const Chain> Chains() const override { return chains_; }
  void ReleaseActivations() override;
  void ReleaseGradient() override;

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  std::string Name(size_t i, const std::string& name) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  /// A layer that does another one's further calls, itself or inside one.
  struct Twin {
    Layer* origin;
    Layer* layer;
    /// `params_version` of the origin when it last took its tensors, if it did.
    std::optional<uint32_t> version = {};
  };

  /// For a layer and those inside it.
  void AddTwins(Layer& origin, Layer& layer);
  void FindChains();
  /// Makes twins share their origins' tensors, and be frozen as these are.
  void SyncTwins();

  std::vector<GraphCall> calls_;
  std::vector<Twin> twins_;
  std::vector<Chain> chains_;
  Plan plan_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_GRAPH_H_
