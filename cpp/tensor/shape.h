// Shape of a tensor: its dimensions, outermost first.
#ifndef LAMELLA_TENSOR_SHAPE_H_
#define LAMELLA_TENSOR_SHAPE_H_

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>

#include "base/error.h"

namespace lamella {

/// Up to eight dimensions, row-major, outermost first. Images are (N, C, H, W).
/// A value type without heap memory, so that shapes may be compared and copied
/// in a training step.
class Shape {
 public:
  static constexpr size_t kMaxRank = 8;

  Shape() = default;
  Shape(std::initializer_list<size_t> dims);

  /// Throws a shape error when there are more than eight dimensions or when
  /// the number of elements does not fit in memory addresses.
  explicit Shape(std::span<const size_t> dims);

  size_t rank() const { return counted_[0]; }
  size_t operator[](size_t axis) const { return counted_[axis + 1]; }
  std::span<const size_t> dims() const { return {&counted_[1], rank()}; }

  /// Number of elements; 1 for a scalar shape ().
  size_t size() const;

  /// This shape with `outer` put before it: a sample's shape to a batch's.
  Shape Prepended(size_t outer) const;

  /// This shape without its first dimension: a batch's shape to a sample's.
  /// The rank must be at least 1.
  Shape WithoutFirst() const;

  /// This shape without the dimension at `axis`, or with another size there.
  Shape Without(size_t axis) const;
  Shape With(size_t axis, size_t size) const;

  bool operator==(const Shape& other) const;

  /// As messages show it: "[64, 1, 28, 28]".
  operator Argument() const { return dims(); }

 private:
  /// The rank and then the dimensions.
  std::array<size_t, kMaxRank + 1> counted_{};
};

}  // namespace lamella

#endif  // LAMELLA_TENSOR_SHAPE_H_
