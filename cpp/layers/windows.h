#ifndef LAMELLA_LAYERS_WINDOWS_H_
#define LAMELLA_LAYERS_WINDOWS_H_

#include <array>
#include <string>
#include <string_view>

#include "base/config.h"
#include "kernels/window.h"
#include "tensor/shape.h"

namespace lamella {

/// The sides of images that a value of the setting `key` means: a whole number
/// of at least 0 for all, a pair [vertical, horizontal], or [[top, bottom],
/// [left, right]]. Throws for another one; `words` begins the list of what is
/// wanted, "'valid', ", or is empty where no texts are.
Sides ReadSides(const ConfigReader& reader, std::string_view key,
                std::string_view words, const ConfigValue& value);

/// Sides and pairs as settings: a number where all agree, so that readers which
/// know no lists can read it.
ConfigValue FromSides(const Sides& sides);
ConfigValue FromPair(const AxisPair& pair);

/// The windows that a layer moves over images (N, C, H, W), as its options say:
/// a size under a name of the layer's, stride, dilation and padding, each a
/// number for both axes or a pair [vertical, horizontal].
///
/// `padding` is a number or pair for both sides, [[top, bottom], [left,
/// right]], or one of
///   "valid"       none;
///   "same"        with the extent e of a window, (e - 1) / 2 before and e / 2
///                 after, rounded down: keeps the size at stride 1;
///   "same-upper"  as few as ceil(length / stride) windows take, the odd one
///                 after: TensorFlow's "same" and ONNX's SAME_UPPER.
class Windows {
 public:
  /// For the vertical and the horizontal axis.
  using Axes = std::array<Window, 2>;

  /// Reads `padding` (default "valid").
  Windows(ConfigReader& reader, std::string_view size_name,
          const AxisPair& size, const AxisPair& stride,
          const AxisPair& dilation = {1, 1});

  /// The windows, without the padding of "same-upper".
  const Axes& axes() const { return axes_; }

  /// The windows over images of this shape. Throws a shape error that begins
  /// with `owner` unless they fit.
  Axes Over(std::string_view owner, const Shape& images) const;

  /// Writes what differs from the defaults, and the size and the stride.
  void WriteConfig(Config& config) const;

  /// As error messages show them: "kernelSize [1, 5] with padding 2".
  std::string Describe() const;

 private:
  ConfigValue Value(size_t Window::*part) const {
    return FromPair({axes_[0].*part, axes_[1].*part});
  }
  ConfigValue Padding() const;

  std::string_view size_name_;
  Axes axes_;
  /// As given, or empty where it was numbers.
  std::string_view padding_ = "valid";
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_WINDOWS_H_
