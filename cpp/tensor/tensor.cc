#include "tensor/tensor.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/aligned_buffer.h"
#include "base/error.h"

namespace lamella {

Tensor::Tensor(const Shape& shape) {
  Reset(shape);
  std::ranges::fill(values(), 0.0f);
}

Tensor::Tensor(Engine& engine, const Shape& shape) {
  engine.Spend(shape.size());
  Reset(shape);
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

std::span<float> Tensor::values() { return {data(), empty() ? 0 : size()}; }
std::span<const float> Tensor::values() const {
  return {data(), empty() ? 0 : size()};
}

void Tensor::Reset(const Shape& shape) {
  const size_t size = shape.size();
  if (!SoleOwner() || capacity_ < size) {
    auto buffer = std::make_shared<AlignedBuffer>(size);
    float* data = buffer->data();
    data_ = std::shared_ptr<float>(std::move(buffer), data);
    capacity_ = size;
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

Tensor Tensor::Rows(size_t first, size_t count) const {
  assert(shape_.rank() > 0 && first + count <= shape_[0]);
  const Shape row = shape_.WithoutFirst();
  Tensor result;
  result.shape_ = row.Prepended(count);
  // Without capacity of its own: `Reset` never writes into the others' memory.
  result.data_ =
      std::shared_ptr<float>(data_, data_.get() + first * row.size());
  return result;
}

Tensor Tensor::Clone() const { return Tensor(shape_, values()); }

}  // namespace lamella
