// The ends of a graph with several inputs or outputs, each of whose samples
// stand one behind the other in a vector: to a model there is one of each.
#ifndef LAMELLA_LAYERS_PACKING_H_
#define LAMELLA_LAYERS_PACKING_H_

#include <string_view>

#include "layers/merge_layer.h"

namespace lamella {

/// One of the inputs in a vector of all.
class Unpack final : public Layer {
 public:
  static constexpr std::string_view kType = "Unpack";

  /// Reads offset, of the input's first number, and targetShape.
  Unpack(Engine& engine, ConfigReader& reader);

 protected:
  void WriteConfig(Config& config) const override;
  Shape OutputShape(const Shape& input_shape) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  size_t offset_;
  Shape target_shape_;
};

/// The outputs in a vector.
class Pack final : public MergeLayer {
 public:
  static constexpr std::string_view kType = "Pack";

  Pack(Engine& engine, ConfigReader& /*reader*/) : MergeLayer(engine, kType) {}

 protected:
  Shape MergedShape(std::span<const Shape> shapes) const override;
  void Merge() override;
  void ComputeGradients(const Tensor& output_gradient) override;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_PACKING_H_
