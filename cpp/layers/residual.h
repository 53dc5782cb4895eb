#ifndef LAMELLA_LAYERS_RESIDUAL_H_
#define LAMELLA_LAYERS_RESIDUAL_H_

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "layers/container.h"
#include "layers/plan.h"

namespace lamella {

/// layers(input) + input, or layers(input) + shortcut(input) where the two
/// differ in shape (He, Zhang, Ren, Sun, "Deep residual learning for image
/// recognition", 2016, equations 1 and 2). Both are chains of layers; an empty
/// shortcut is the input itself.
///
/// Parameters and state have the names of the layers' own after
/// "layers_{i}_" or "shortcut_{i}_".
class Residual final : public Container {
 public:
  static constexpr std::string_view kType = "Residual";

  /// The first `count` are the layers, the others those of the shortcut. Value
  /// error when `count` is 0, and as of any container.
  Residual(Engine& engine, Layers layers, size_t count);

  std::span<const Chain> Chains() const override { return chains_; }

 protected:
  Shape OutputShape(const Shape& input_shape) const override;
  std::string Name(size_t i, const std::string& name) const override;
  void OnForward(const ForwardArguments& arguments) override;
  void OnBackward(const Tensor& output_gradient,
                  const BackwardArguments& arguments) override;

 private:
  size_t count_;
  /// The layers, and those of the shortcut.
  std::array<Chain, 2> chains_;
  Plan plan_;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_RESIDUAL_H_
