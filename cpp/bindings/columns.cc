// im2col and col2im.

#include "bindings/handles.h"
#include "bindings/wire.h"
#include "kernels/im2col.h"

namespace lamella::bindings {
namespace {

WindowGeometry Windows(const char* caller, const Shape& images, size_t size,
                       size_t stride) {
  if (images.rank() != 4 || images.size() == 0) {
    ThrowShapeError("{}: images must have shape [N, C, H, W], got {}",
                    {caller, images});
  }
  if (size > images[2] || size > images[3]) {
    ThrowShapeError("{}: windowSize {} does not fit into images of shape {}",
                    {caller, size, images});
  }
  return {.channels = images[1],
          .height = images[2],
          .width = images[3],
          .window_size = size,
          .stride = stride};
}

}  // namespace

Tensor* ImagesToColumns(const Tensor& input, size_t window_size,
                        size_t stride) {
  const WindowGeometry windows =
      Windows("im2col", input.shape(), window_size, stride);
  const size_t batch = input.shape()[0];
  Tensor columns(
      Shape{batch, windows.output_height(), windows.output_width(),
            windows.channels * windows.window_size * windows.window_size});
  Im2col(windows, batch, input.data(), columns.data());
  return NewTensor(columns);
}

Tensor* ColumnsToImages(const Tensor& columns, const Numbers& input_shape,
                        const Numbers& output_shape, size_t window_size,
                        size_t stride) {
  const Shape images = ToShape(input_shape);
  const Shape output = ToShape(output_shape);
  const WindowGeometry windows = Windows("col2im", images, window_size, stride);
  const Shape wanted = {images[0], windows.output_height(),
                        windows.output_width()};
  if (output.rank() != 4 || output[0] != wanted[0] || output[2] != wanted[1] ||
      output[3] != wanted[2]) {
    ThrowShapeError(
        "col2im: outputShape must be [N, C_out, H_out, W_out] with N, H_out, "
        "W_out = {}, got {}",
        {wanted, output});
  }
  const size_t taps = windows.window_size * windows.window_size;
  const Shape flat = {wanted[0], wanted[1], wanted[2], images[1] * taps};
  const Shape split = {wanted[0], wanted[1],           wanted[2],
                       images[1], windows.window_size, windows.window_size};
  if (!(columns.shape() == flat) && !(columns.shape() == split)) {
    ThrowShapeError("col2im: cols must have shape {} or {}, got {}",
                    {flat, split, columns.shape()});
  }
  Tensor result(images);
  Col2im(windows, images[0], columns.data(), result.data());
  return NewTensor(result);
}

EMSCRIPTEN_BINDINGS(columns) {
  Bind("im2col", &ImagesToColumns);
  Bind("col2im", &ColumnsToImages);
}

}  // namespace lamella::bindings
