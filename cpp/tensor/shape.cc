#include "tensor/shape.h"

#include <algorithm>
#include <cstdint>

namespace lamella {

Shape::Shape(std::initializer_list<size_t> dims)
    : Shape(std::span<const size_t>(dims.begin(), dims.size())) {}

Shape::Shape(std::span<const size_t> dims) {
  if (dims.size() > kMaxRank) {
    ThrowShapeError("a shape has at most 8 dimensions, got {}", {dims.size()});
  }
  counted_[0] = dims.size();
  std::ranges::copy(dims, &counted_[1]);
  // Bytes must be addressable as signed offsets.
  size_t room = SIZE_MAX / 2 / sizeof(float);
  for (size_t dim : dims) {
    if (dim > room) {
      ThrowShapeError("shape {} has too many elements", {*this});
    }
    if (dim > 0) room /= dim;
  }
}

size_t Shape::size() const {
  size_t product = 1;
  for (size_t dim : dims()) product *= dim;
  return product;
}

Shape Shape::Prepended(size_t outer) const {
  std::array<size_t, kMaxRank + 1> dims{};
  dims[0] = outer;
  std::ranges::copy(this->dims(), dims.begin() + 1);
  return Shape(std::span<const size_t>(dims.data(), rank() + 1));
}

Shape Shape::WithoutFirst() const { return Shape(dims().subspan(1)); }

Shape Shape::Without(size_t axis) const {
  Shape shape;
  for (size_t i = 0; i < rank(); ++i) {
    if (i != axis) shape.counted_[++shape.counted_[0]] = (*this)[i];
  }
  return shape;
}

Shape Shape::With(size_t axis, size_t size) const {
  std::array<size_t, kMaxRank + 1> counted = counted_;
  counted[axis + 1] = size;
  // Checked as any other.
  return Shape(std::span<const size_t>(&counted[1], rank()));
}

bool Shape::operator==(const Shape& other) const {
  return std::ranges::equal(dims(), other.dims());
}

}  // namespace lamella
