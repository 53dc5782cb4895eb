// im2col and col2im.

#include "bindings/handles.h"
#include "bindings/wire.h"
#include "kernels/im2col.h"

namespace lamella::bindings {

// JavaScript checks the shapes, and makes the tensors that are written to.

WindowGeometry Windows(const Tensor& images, size_t window_size,
                       size_t stride) {
  const Shape& shape = images.shape();
  return {shape[1], shape[2], shape[3], window_size, stride};
}

void ImagesToColumns(const Tensor& images, Tensor& columns, size_t window_size,
                     size_t stride) {
  Im2col(Windows(images, window_size, stride), images.shape()[0], images.data(),
         columns.data());
}

void ColumnsToImages(Tensor& images, const Tensor& columns, size_t window_size,
                     size_t stride) {
  Col2im(Windows(images, window_size, stride), images.shape()[0],
         columns.data(), images.data());
}

EMSCRIPTEN_BINDINGS(columns) {
  Bind("im2col", &ImagesToColumns);
  Bind("col2im", &ColumnsToImages);
}

}  // namespace lamella::bindings
