#include "kernels/pooling.h"

#include <algorithm>
#include <cassert>

namespace lamella {
namespace {

// Calls visit(output index, input index of the window's first element).
template <typename Visit>
void ForEachWindow(const PoolingGeometry& g, size_t planes, Visit&& visit) {
  assert(g.pool_size >= 1 && g.stride >= 1);
  assert(g.height >= g.pool_size && g.width >= g.pool_size);
  const size_t output_height = g.output_height();
  const size_t output_width = g.output_width();
  size_t at = 0;
  for (size_t plane = 0; plane < planes; ++plane) {
    for (size_t y = 0; y < output_height; ++y) {
      size_t corner = (plane * g.height + y * g.stride) * g.width;
      for (size_t x = 0; x < output_width; ++x, ++at, corner += g.stride) {
        visit(at, corner);
      }
    }
  }
}

}  // namespace

void MaxPool(const PoolingGeometry& g, size_t planes, const float* input,
             float* output, uint32_t* indices) {
  const size_t plane_size = g.height * g.width;
  ForEachWindow(g, planes, [&](size_t at, size_t corner) {
    size_t best = corner;
    for (size_t row = 0; row < g.pool_size; ++row) {
      for (size_t column = 0; column < g.pool_size; ++column) {
        const size_t i = corner + row * g.width + column;
        // Written so that a NaN replaces a number and stays.
        if (input[i] > input[best] ||
            (input[i] != input[i] && input[best] == input[best])) {
          best = i;
        }
      }
    }
    output[at] = input[best];
    indices[at] = static_cast<uint32_t>(best % plane_size);
  });
}

void MaxPoolGradient(const PoolingGeometry& g, size_t planes,
                     const float* output_gradient, const uint32_t* indices,
                     float* input_gradient) {
  const size_t plane_size = g.height * g.width;
  const size_t outputs = g.output_height() * g.output_width();
  std::fill_n(input_gradient, planes * plane_size, 0.0f);
  for (size_t plane = 0; plane < planes; ++plane) {
    for (size_t i = 0; i < outputs; ++i) {
      input_gradient[*indices++] += *output_gradient++;
    }
    input_gradient += plane_size;
  }
}

void AveragePool(const PoolingGeometry& g, size_t planes, const float* input,
                 float* output) {
  const float scale = 1.0f / static_cast<float>(g.pool_size * g.pool_size);
  ForEachWindow(g, planes, [&](size_t at, size_t corner) {
    float sum = 0.0f;
    for (size_t row = 0; row < g.pool_size; ++row) {
      for (size_t column = 0; column < g.pool_size; ++column) {
        sum += input[corner + row * g.width + column];
      }
    }
    output[at] = sum * scale;
  });
}

void AveragePoolGradient(const PoolingGeometry& g, size_t planes,
                         const float* output_gradient, float* input_gradient) {
  const float scale = 1.0f / static_cast<float>(g.pool_size * g.pool_size);
  std::fill_n(input_gradient, planes * g.height * g.width, 0.0f);
  ForEachWindow(g, planes, [&](size_t at, size_t corner) {
    const float share = output_gradient[at] * scale;
    for (size_t row = 0; row < g.pool_size; ++row) {
      for (size_t column = 0; column < g.pool_size; ++column) {
        input_gradient[corner + row * g.width + column] += share;
      }
    }
  });
}

}  // namespace lamella
