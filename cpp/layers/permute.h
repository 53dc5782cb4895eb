#ifndef LAMELLA_LAYERS_PERMUTE_H_
#define LAMELLA_LAYERS_PERMUTE_H_

#include <vector>

#include "layers/layer.h"

namespace lamella {

/// Samples with their axes in another order: axis i of a sample going out is
/// axis dims[i] of one going in, counted from 1 as Keras does.
class Permute final : public Layer {
 public:
  static constexpr std::string_view kType = "Permute";

  /// Reads dims (required): the numbers from 1 to the rank of a sample, each
  /// once.
  Permute(Engine& engine, ConfigReader& reader);

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  std::vector<size_t> dims_;
  /// The axes of a batch in their order, and what undoes it.
  std::vector<size_t> order_, inverse_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_PERMUTE_H_
