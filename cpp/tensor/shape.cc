#include "tensor/shape.h"

#include <algorithm>
#include <cstdint>

#include "base/error.h"

namespace lamella {

Shape::Shape(std::span<const size_t> dims) : rank_(dims.size()) {
  if (dims.size() > kMaxRank) {
    ThrowShapeError(Cat("a shape has at most 8 dimensions, got ", dims.size()));
  }
  std::copy(dims.begin(), dims.end(), dims_.begin());
  // Bytes must be addressable as signed offsets.
  size_t room = SIZE_MAX / 2 / sizeof(float);
  for (size_t dim : dims) {
    if (dim > room) {
      ThrowShapeError(Cat("shape ", *this, " has too many elements"));
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
  std::copy_n(dims_.begin(), rank_, dims.begin() + 1);
  return Shape(std::span<const size_t>(dims.data(), rank_ + 1));
}

Shape Shape::WithoutFirst() const { return Shape(dims().subspan(1)); }

bool Shape::operator==(const Shape& other) const {
  return std::ranges::equal(dims(), other.dims());
}

std::string ToText(const Shape& shape) {
  std::string text = "[";
  for (size_t axis = 0; axis < shape.rank(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + "]";
}

}  // namespace lamella
