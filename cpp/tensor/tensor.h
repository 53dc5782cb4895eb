// Dense float32 tensor, row-major, in shared 64-byte aligned memory.
#ifndef LAMELLA_TENSOR_TENSOR_H_
#define LAMELLA_TENSOR_TENSOR_H_

#include <cstddef>
#include <memory>
#include <span>

#include "base/engine.h"
#include "tensor/shape.h"

namespace lamella {

/// A shape and its float32 elements. Copying a tensor shares the elements (as
/// a view would); `Clone` copies them. The memory lives as long as any tensor
/// refers to it, so a tensor handed out never dangles.
class Tensor {
 public:
  /// No elements, until `Reset`.
  Tensor() = default;

  /// All zeros.
  explicit Tensor(const Shape& shape);

  /// The same, of the engine's allowance (value error beyond it).
  Tensor(Engine& engine, const Shape& shape);

  /// A copy of `values`, whose number must be the shape's (shape error).
  Tensor(const Shape& shape, std::span<const float> values);

  const Shape& shape() const { return shape_; }
  size_t size() const { return shape_.size(); }
  bool empty() const { return data_.use_count() == 0; }

  /// Null when there are no elements.
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::span<float> values();
  std::span<const float> values() const;

  /// Takes on `shape` with unspecified contents. Keeps its memory when that is
  /// large enough and nobody else refers to it, and takes new memory
  /// otherwise: a tensor that was handed out is never overwritten.
  void Reset(const Shape& shape);

  /// Whether no other tensor refers to this one's memory.
  bool SoleOwner() const { return data_.use_count() == 1; }

  /// The same elements under another shape of equal size (shape error), shared.
  Tensor Reshaped(const Shape& shape) const;

  /// The samples [first, first + count) of the first dimension, shared.
  Tensor Rows(size_t first, size_t count) const;

  /// A tensor of its own with equal shape and elements.
  Tensor Clone() const;

 private:
  Shape shape_;
  /// Points into the buffer that it owns.
  std::shared_ptr<float> data_;
  size_t capacity_ = 0;
};

}  // namespace lamella

#endif  // LAMELLA_TENSOR_TENSOR_H_
