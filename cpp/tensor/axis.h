// The axis of samples along which features or classes lie.
#ifndef LAMELLA_TENSOR_AXIS_H_
#define LAMELLA_TENSOR_AXIS_H_

#include <string_view>

#include "base/config.h"
#include "tensor/shape.h"

namespace lamella {

/// A row-major tensor seen along one axis: (outer, size, inner). Every place of
/// the others is a position.
struct AxisView {
  size_t outer;
  size_t size;
  size_t inner;

  size_t positions() const { return outer * inner; }
};

/// The option `axis` of layers and losses that work along one axis of a sample
/// and take the others as they take the batch.
class Axis {
 public:
  /// Reads axis: an index within a sample, which has no batch, from the end if
  /// negative. Without it, that of the features or classes: the last of vectors
  /// and sequences (features) and (time, features), the first of images
  /// (channels, height, width) and whatever has more. `owner` is what errors
  /// call the reader's class, and must live forever.
  Axis(std::string_view owner, ConfigReader& reader);

  /// Writes axis if it was given.
  void WriteConfig(Config& config) const;

  bool given() const;

  /// The index within samples of this shape, from 0. Shape error unless they
  /// have such an axis.
  size_t Index(const Shape& sample) const;

  /// A batch (batch, …) of such samples, the batch being a part of `outer`.
  AxisView View(const Shape& batch) const;

 private:
  std::string_view owner_;
  /// NaN if it was not given.
  double axis_;
};

}  // namespace lamella

#endif  // LAMELLA_TENSOR_AXIS_H_
