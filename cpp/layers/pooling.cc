#include "layers/pooling.h"

#include "tensor/workspace.h"

namespace lamella {

Pooling2D::Pooling2D(ConfigReader& reader)
    : Layer(reader.owner()),
      pool_size_(reader.Integer("poolSize", 1, 2)),
      stride_(reader.Integer("stride", 1, pool_size_)) {}

Shape Pooling2D::OutputShape(const Shape& input_shape) const {
  CheckImages(input_shape);
  if (input_shape[1] < pool_size_ || input_shape[2] < pool_size_) {
    Fail(ErrorKind::kShape, "poolSize {} does not fit into images of shape {}",
         {pool_size_, input_shape});
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

void MaxPooling2D::OnForward(bool training) {
  float* output = NewOutput();
  indices_.resize(training ? output_.size() : 0);
  MaxPool(Geometry(), Planes(), input_.data(), output,
          training ? indices_.data() : nullptr);
}

void MaxPooling2D::OnBackward(const Tensor& output_gradient,
                              bool want_input_gradient) {
  if (!want_input_gradient) return;
  if (indices_.empty()) {
    // Not into the output, which may have been handed out.
    float* again = Workspace(output_.size());
    indices_.resize(output_.size());
    MaxPool(Geometry(), Planes(), input_.data(), again, indices_.data());
  }
  MaxPoolGradient(Geometry(), Planes(), output_gradient.data(), indices_.data(),
                  rectify_gradient() ? output_.data() : nullptr,
                  NewInputGradient());
}

void AveragePooling2D::OnForward(bool /*training*/) {
  AveragePool(Geometry(), Planes(), input_.data(), NewOutput());
}

void AveragePooling2D::OnBackward(const Tensor& output_gradient,
                                  bool want_input_gradient) {
  if (!want_input_gradient) return;
  AveragePoolGradient(Geometry(), Planes(), output_gradient.data(),
                      NewInputGradient());
}

}  // namespace lamella
