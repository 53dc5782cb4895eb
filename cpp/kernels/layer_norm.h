// Layer normalization over x[rows, features], each row on its own.
// Source: Ba, Kiros, Hinton, "Layer normalization", 2016, equation 4.
#ifndef LAMELLA_KERNELS_LAYER_NORM_H_
#define LAMELLA_KERNELS_LAYER_NORM_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

/// normalized = (x - mean) / sqrt(variance + epsilon) with the row's mean and
/// biased variance; y = gamma * normalized + beta, gamma and beta holding one
/// number per feature. inverse_deviation[rows] = 1 / sqrt(variance + epsilon),
/// or 0 where the root is 0.
void LayerNorm(ThreadPool& pool, size_t rows, size_t features, const float* x,
               double epsilon, const float* gamma, const float* beta,
               float* normalized, float* inverse_deviation, float* y);

/// With h = g * gamma: inverse_deviation * (h - mean(h) - normalized * mean(h *
/// normalized)), the means being those of the row.
void LayerNormInputGradient(ThreadPool& pool, size_t rows, size_t features,
                            const float* normalized,
                            const float* inverse_deviation, const float* gamma,
                            const float* output_gradient,
                            float* input_gradient);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_LAYER_NORM_H_
