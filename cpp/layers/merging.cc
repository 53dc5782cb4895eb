#include "layers/merging.h"

#include <algorithm>
#include <cstdint>

#include "kernels/elementwise.h"
#include "kernels/merge.h"
#include "kernels/row_factors.h"

namespace lamella {
namespace {

// Whether the shape is `whole`, but for ones in the place of the last
// dimensions.
bool StandsFor(const Shape& shape, const Shape& whole) {
  if (shape.rank() != whole.rank()) return false;
  size_t i = 0;
  while (i < shape.rank() && shape[i] == whole[i]) ++i;
  while (i < shape.rank() && shape[i] == 1) ++i;
  return i == shape.rank();
}

}  // namespace

void AddLayer::Merge() {
  float* sum = NewOutput();
  const float* so_far = inputs_.front().data();
  if (inputs_.size() == 1) std::copy_n(so_far, output_.size(), sum);
  for (size_t i = 1; i < inputs_.size(); ++i) {
    Add(engine().pool(), so_far, inputs_[i].data(), sum, output_.size());
    so_far = sum;
  }
}

void AddLayer::ComputeGradients(const Tensor& output_gradient) {
  std::ranges::fill(gradients_, output_gradient);
}

void Average::Merge() {
  float* sum = NewOutput();
  std::ranges::copy(inputs_.front().values(), sum);
  for (size_t i = 1; i < inputs_.size(); ++i) {
    Add(engine().pool(), sum, inputs_[i].data(), sum, output_.size());
  }
  ScaleInPlace(engine().pool(), sum, 1.0f / static_cast<float>(inputs_.size()),
               output_.size());
}

void Average::ComputeGradients(const Tensor& output_gradient) {
  part_.Reset(output_gradient.shape());
  std::ranges::copy(output_gradient.values(), part_.data());
  ScaleInPlace(engine().pool(), part_.data(),
               1.0f / static_cast<float>(inputs_.size()), part_.size());
  std::ranges::fill(gradients_, part_);
}

void Maximum::Merge() {
  float* greatest = NewOutput();
  std::ranges::copy(inputs_.front().values(), greatest);
  for (size_t i = 1; i < inputs_.size(); ++i) {
    MaximumOf(engine().pool(), greatest, inputs_[i].data(), greatest,
              output_.size());
  }
}

void Maximum::ComputeGradients(const Tensor& output_gradient) {
  places_.clear();
  gradient_places_.clear();
  for (const Tensor& input : inputs_) places_.push_back(input.data());
  for (Tensor& gradient : gradients_) {
    gradient.Reset(output_.shape());
    gradient_places_.push_back(gradient.data());
  }
  MaximumGradients(engine().pool(), places_.data(), places_.size(),
                   output_.data(), output_gradient.data(),
                   gradient_places_.data(), output_.size());
}

Shape MultiplyLayer::MergedShape(std::span<const Shape> shapes) const {
  const Shape& whole = *std::ranges::max_element(
      shapes, {}, [](const Shape& shape) { return shape.size(); });
  for (const Shape& shape : shapes) {
    if (StandsFor(shape, whole)) continue;
    Fail(ErrorKind::kShape,
         "an input must have the shape {} or ones in the place of its last "
         "dimensions, got {}",
         {whole, shape});
  }
  return whole;
}

void MultiplyLayer::MultiplyBy(size_t input, const float* values,
                               float* product) {
  const Tensor& factors = inputs_[input];
  if (factors.size() == output_.size()) {
    Multiply(engine().pool(), values, factors.data(), product, output_.size());
  } else {
    MultiplyRows(engine().pool(), factors.size(),
                 output_.size() / factors.size(), values, factors.data(),
                 product);
  }
}

size_t MultiplyLayer::Whole() const {
  return static_cast<size_t>(std::ranges::find(shapes_, output_shape_) -
                             shapes_.begin());
}

void MultiplyLayer::Merge() {
  float* product = NewOutput();
  const size_t whole = Whole();
  std::ranges::copy(inputs_[whole].values(), product);
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (i != whole) MultiplyBy(i, product, product);
  }
}

void MultiplyLayer::ComputeGradients(const Tensor& output_gradient) {
  const size_t whole = Whole();
  for (size_t i = 0; i < inputs_.size(); ++i) {
    Tensor& gradient = gradients_[i];
    gradient.Reset(inputs_[i].shape());
    const bool is_whole = gradient.size() == output_.size();
    float* product =
        is_whole ? gradient.data() : engine().Workspace(output_.size());
    std::ranges::copy(output_gradient.values(), product);
    for (size_t j = 0; j < inputs_.size(); ++j) {
      if (j != i && (is_whole || j != whole)) MultiplyBy(j, product, product);
    }
    if (is_whole) continue;
    SumRowProducts(engine().pool(), gradient.size(),
                   output_.size() / gradient.size(), product,
                   inputs_[whole].data(), gradient.data());
  }
}

Shape Concatenate::MergedShape(std::span<const Shape> shapes) const {
  const Shape& first = shapes.front();
  const size_t axis = axis_.Index(first);
  size_t length = 0;
  for (const Shape& shape : shapes) {
    if (shape.rank() != first.rank() ||
        !(shape.Without(axis) == first.Without(axis))) {
      Fail(ErrorKind::kShape,
           "inputs may differ along axis {} alone, got {} and {}",
           {axis, first, shape});
    }
    if (shape[axis] > SIZE_MAX - length) {
      Fail(ErrorKind::kShape, "{} inputs are more than memory has addresses",
           {shapes.size()});
    }
    length += shape[axis];
  }
  std::vector<size_t> dims(first.dims().begin(), first.dims().end());
  dims[axis] = length;
  return Shape(dims);
}

void Concatenate::Merge() {
  const auto [outer, size, inner] =
      axis_.View(output_shape_.Prepended(batch()));
  float* output = NewOutput();
  size_t offset = 0;
  for (const Tensor& input : inputs_) {
    const size_t block = input.size() / outer;
    CopyBlocks(engine().pool(), outer, block, input.data(), block,
               output + offset, size * inner);
    offset += block;
  }
}

void Concatenate::ComputeGradients(const Tensor& output_gradient) {
  const auto [outer, size, inner] = axis_.View(output_.shape());
  const float* from = output_gradient.data();
  for (size_t i = 0; i < inputs_.size(); ++i) {
    gradients_[i].Reset(inputs_[i].shape());
    const size_t block = inputs_[i].size() / outer;
    CopyBlocks(engine().pool(), outer, block, from, size * inner,
               gradients_[i].data(), block);
    from += block;
  }
}

}  // namespace lamella
