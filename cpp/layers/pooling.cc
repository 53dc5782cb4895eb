#include "layers/pooling.h"

#include "base/error.h"

namespace lamella {
namespace {

template <typename PoolingLayer>
std::shared_ptr<Layer> Read(ConfigReader& reader) {
  const size_t pool_size = reader.Integer("poolSize", 1, 2);
  return std::make_shared<PoolingLayer>(pool_size,
                                        reader.Integer("stride", 1, pool_size));
}

}  // namespace

Shape Pooling2D::OutputShape(const Shape& input_shape) const {
  if (input_shape.rank() != 3) {
    ThrowShapeError(Message(Cat(
        "input must be images [channels, height, width], got ", input_shape)));
  }
  if (input_shape[1] < pool_size_ || input_shape[2] < pool_size_) {
    ThrowShapeError(
        Message(Cat("poolSize ", pool_size_,
                    " does not fit into images of shape ", input_shape)));
  }
  return {input_shape[0], (input_shape[1] - pool_size_) / stride_ + 1,
          (input_shape[2] - pool_size_) / stride_ + 1};
}

void Pooling2D::WriteConfig(Config& config) const {
  config.Set("poolSize", pool_size_);
  config.Set("stride", stride_);
}

PoolingGeometry Pooling2D::Geometry() const {
  return {.height = input_shape_[1],
          .width = input_shape_[2],
          .pool_size = pool_size_,
          .stride = stride_};
}

std::shared_ptr<Layer> MaxPooling2D::FromConfig(ConfigReader& reader) {
  return Read<MaxPooling2D>(reader);
}

void MaxPooling2D::OnForward(bool /*training*/) {
  output_.Reset(output_shape_.Prepended(batch()));
  indices_.resize(output_.size());
  MaxPool(Geometry(), Planes(), input_.data(), output_.data(), indices_.data());
}

void MaxPooling2D::OnBackward(const Tensor& output_gradient,
                              bool want_input_gradient) {
  if (!want_input_gradient) return;
  input_gradient_.Reset(input_.shape());
  MaxPoolGradient(Geometry(), Planes(), output_gradient.data(), indices_.data(),
                  input_gradient_.data());
}

std::shared_ptr<Layer> AveragePooling2D::FromConfig(ConfigReader& reader) {
  return Read<AveragePooling2D>(reader);
}

void AveragePooling2D::OnForward(bool /*training*/) {
  output_.Reset(output_shape_.Prepended(batch()));
  AveragePool(Geometry(), Planes(), input_.data(), output_.data());
}

void AveragePooling2D::OnBackward(const Tensor& output_gradient,
                                  bool want_input_gradient) {
  if (!want_input_gradient) return;
  input_gradient_.Reset(input_.shape());
  AveragePoolGradient(Geometry(), Planes(), output_gradient.data(),
                      input_gradient_.data());
}

}  // namespace lamella
