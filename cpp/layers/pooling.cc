#include "layers/pooling.h"

#include "tensor/workspace.h"

namespace lamella {

Pooling2D::Pooling2D(std::string_view type, ConfigReader& reader)
    : Layer(type),
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

uint32_t* MaxPooling2D::Indices() {
  const size_t size = output_.size();
  if (indices_.size() < size) indices_ = std::vector<uint32_t>(size);
  return indices_.data();
}

void MaxPooling2D::OnForward(bool training) {
  float* output = NewOutput();
  has_indices_ = training;
  MaxPool(Geometry(), Planes(), input_.data(), output,
          training ? Indices() : nullptr);
}

void MaxPooling2D::OnBackward(const Tensor& output_gradient,
                              bool want_input_gradient) {
  if (!want_input_gradient) return;
  if (!has_indices_) {
    // Into scratch memory: the output may have been handed out.
    float* again = Workspace(output_.size());
    MaxPool(Geometry(), Planes(), input_.data(), again, Indices());
    has_indices_ = true;
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
