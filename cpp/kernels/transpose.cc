#include "kernels/transpose.h"

namespace lamella {

void Transpose(const float* x, size_t batch, size_t rows, size_t columns,
               float* y) {
  for (size_t n = 0; n < batch; ++n, x += rows * columns) {
    for (size_t column = 0; column < columns; ++column) {
      for (size_t row = 0; row < rows; ++row) *y++ = x[row * columns + column];
    }
  }
}

}  // namespace lamella
