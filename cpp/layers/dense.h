#ifndef LAMELLA_LAYERS_DENSE_H_
#define LAMELLA_LAYERS_DENSE_H_

#include "layers/weighted_layer.h"
#include "tensor/axis.h"

namespace lamella {

/// Fully connected layer along one axis of a sample: Y = X W + b for X
/// (positions, input_size), W (input_size, output_size) and b (1, output_size),
/// where a batch of vectors has one position a sample, and others, such as
/// (batch, time, features) and (batch, channels, height, width), one for each
/// place of the other axes.
class Dense final : public WeightedLayer {
 public:
  static constexpr std::string_view kType = "Dense";

  /// Reads outputSize (at least 1), axis, inputSize (at least 1, that of
  /// vectors; default that of the first build), initialization (default
  /// "auto"), noBias (default false).
  Dense(Engine& engine, ConfigReader& reader);

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  void DeclareWeights(NewWeights& weights) const override;
  /// Vectors have an inputSize.
  bool WritesInputShape() const override { return input_shape_.rank() > 1; }
  void WriteConfig(Config& config) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  size_t Inputs() const { return input_shape_[axis_.Index(input_shape_)]; }

  size_t output_size_;
  Axis axis_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_DENSE_H_
