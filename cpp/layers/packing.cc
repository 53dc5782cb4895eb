#include "layers/packing.h"

#include <algorithm>
#include <cstdint>

#include "kernels/merge.h"

namespace lamella {

Unpack::Unpack(Engine& engine, ConfigReader& reader)
    : Layer(engine, kType),
      offset_(reader.Integer("offset", 0)),
      target_shape_(reader.OptionalDims("targetShape")) {}

void Unpack::WriteConfig(Config& config) const {
  config.Set("offset", offset_);
  config.Set("targetShape", target_shape_.dims());
}

Shape Unpack::OutputShape(const Shape& input_shape) const {
  if (input_shape.rank() != 1 || offset_ > input_shape[0] ||
      target_shape_.size() > input_shape[0] - offset_) {
    Fail(ErrorKind::kShape, "there is no {} behind {} numbers of {}",
         {target_shape_, offset_, input_shape});
  }
  return target_shape_;
}

void Unpack::OnForward(const ForwardArguments& /*arguments*/) {
  const size_t size = target_shape_.size();
  CopyBlocks(engine().pool(), batch(), size, input_.data() + offset_,
             input_shape_[0], NewOutput(), size);
}

void Unpack::OnBackward(const Tensor& output_gradient,
                        const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  const size_t size = target_shape_.size();
  float* gradient = NewInputGradient();
  std::fill_n(gradient, input_.size(), 0.0f);
  CopyBlocks(engine().pool(), batch(), size, output_gradient.data(), size,
             gradient + offset_, input_shape_[0]);
}

Shape Pack::MergedShape(std::span<const Shape> shapes) const {
  size_t size = 0;
  for (const Shape& shape : shapes) {
    if (shape.size() > SIZE_MAX / sizeof(float) - size) {
      Fail(ErrorKind::kShape, "{} outputs are more than memory has addresses",
           {shapes.size()});
    }
    size += shape.size();
  }
  return {size};
}

void Pack::Merge() {
  float* to = NewOutput();
  for (const Tensor& input : inputs_) {
    const size_t size = input.size() / batch();
    CopyBlocks(engine().pool(), batch(), size, input.data(), size, to,
               output_shape_[0]);
    to += size;
  }
}

void Pack::ComputeGradients(const Tensor& output_gradient) {
  const float* from = output_gradient.data();
  for (size_t i = 0; i < inputs_.size(); ++i) {
    gradients_[i].Reset(inputs_[i].shape());
    const size_t size = inputs_[i].size() / batch();
    CopyBlocks(engine().pool(), batch(), size, from, output_shape_[0],
               gradients_[i].data(), size);
    from += size;
  }
}

}  // namespace lamella
