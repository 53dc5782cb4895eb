// im2col and col2im.

#include "bindings/handles.h"
#include "bindings/wire.h"
#include "kernels/im2col.h"

namespace lamella::bindings {

// Shapes are checked in TypeScript.

Tensor* ImagesToColumns(const Tensor& input, size_t window_size,
                        size_t stride) {
  const Shape& images = input.shape();
  const WindowGeometry windows = {images[1], images[2], images[3], window_size,
                                  stride};
  Tensor columns({images[0], windows.output_height(), windows.output_width(),
                  windows.channels * window_size * window_size});
  Im2col(windows, images[0], input.data(), columns.data());
  return NewTensor(columns);
}

Tensor* ColumnsToImages(const Tensor& columns, const Numbers& input_shape,
                        size_t window_size, size_t stride) {
  Tensor images(ToShape(input_shape));
  const Shape& shape = images.shape();
  Col2im({shape[1], shape[2], shape[3], window_size, stride}, shape[0],
         columns.data(), images.data());
  return NewTensor(images);
}

EMSCRIPTEN_BINDINGS(columns) {
  Bind("im2col", &ImagesToColumns);
  Bind("col2im", &ColumnsToImages);
}

}  // namespace lamella::bindings
