// im2col and col2im, for JavaScript.

#include <emscripten/bind.h>

#include "bindings/errors.h"
#include "bindings/values.h"
#include "kernels/im2col.h"

namespace lamella::bindings {

// JavaScript checks the shapes, and makes the tensors that are written to.

WindowGeometry Windows(const Tensor& images, double window_size,
                       double stride) {
  const Shape& shape = images.shape();
  return {shape[1], shape[2], shape[3], ToSize(window_size), ToSize(stride)};
}

void ImagesToColumns(Tensor& images, Tensor& columns, double window_size,
                     double stride) {
  Im2col(Windows(images, window_size, stride), images.shape()[0], images.data(),
         columns.data());
}

void ColumnsToImages(Tensor& images, Tensor& columns, double window_size,
                     double stride) {
  Col2im(Windows(images, window_size, stride), images.shape()[0],
         columns.data(), images.data());
}

EMSCRIPTEN_BINDINGS(columns) {
  emscripten::function("im2col", Guarded<&ImagesToColumns>);
  emscripten::function("col2im", Guarded<&ColumnsToImages>);
}

}  // namespace lamella::bindings
