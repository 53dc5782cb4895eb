#include "tensor/tensor.h"

#include <algorithm>

#include "base/error.h"

namespace lamella {

Tensor::Tensor() = default;
Tensor::Tensor(const Tensor& other) = default;
Tensor::Tensor(Tensor&& other) noexcept = default;
Tensor& Tensor::operator=(const Tensor& other) = default;
Tensor& Tensor::operator=(Tensor&& other) noexcept = default;
Tensor::~Tensor() = default;

Tensor::Tensor(const Shape& shape)
    : shape_(shape), buffer_(std::make_shared<AlignedBuffer>(shape.size())) {
  std::ranges::fill(values(), 0.0f);
}

Tensor::Tensor(const Shape& shape, std::span<const float> values) {
  if (values.size() != shape.size()) {
    ThrowShapeError("shape {} wants {} elements, got {}",
                    {shape, shape.size(), values.size()});
  }
  Reset(shape);
  std::ranges::copy(values, data());
}

void Tensor::Reset(const Shape& shape) {
  if (!SoleOwner() || buffer_->size() < shape.size()) {
    buffer_ = std::make_shared<AlignedBuffer>(shape.size());
  }
  shape_ = shape;
}

Tensor Tensor::Reshaped(const Shape& shape) const {
  if (shape.size() != size()) {
    ThrowShapeError("a tensor of shape {} cannot be reshaped to {}",
                    {shape_, shape});
  }
  Tensor result = *this;
  result.shape_ = shape;
  return result;
}

Tensor Tensor::Clone() const { return Tensor(shape_, values()); }

}  // namespace lamella
