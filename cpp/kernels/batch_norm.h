// Batch normalization over x[batch, channels, pixels], per channel. A matrix
// (batch, features) is the case of one pixel.
// Source: Ioffe, Szegedy, "Batch normalization", 2015, algorithm 1 and
// section 3 for the gradients.
#ifndef LAMELLA_KERNELS_BATCH_NORM_H_
#define LAMELLA_KERNELS_BATCH_NORM_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

struct BatchNormGeometry {
  size_t batch;
  size_t channels;
  size_t pixels;

  size_t size() const { return batch * channels * pixels; }
};

/// mean[channels] and the biased variance[channels] (divided by batch *
/// pixels), from centred values in a second pass: E[x^2] - E[x]^2 would cancel.
/// The part of the mean that float32 has no room for is `mean_rest`: beside a
/// mean of a million it is a sixteenth, which is much of a deviation of 1.
void BatchMoments(ThreadPool& pool, const BatchNormGeometry& geometry,
                  const float* x, float* mean, float* mean_rest,
                  float* variance);

/// inverse_deviation[size] = 1 / sqrt(variance + epsilon), or 0 where the root
/// is 0: a constant channel without epsilon stays 0.
void InverseDeviations(const float* variance, float epsilon, size_t size,
                       float* inverse_deviation);

/// normalized = (x - mean - mean_rest) * inverse_deviation, y = gamma *
/// normalized + beta, with a number of each per channel.
struct BatchNormParameters {
  const float* mean;
  /// Null is zeros.
  const float* mean_rest;
  const float* inverse_deviation;
  const float* gamma;
  const float* beta;
};

/// y as above, or the greater of it and 0 if `rectify`. x and y may be the
/// same.
void BatchNorm(ThreadPool& pool, const BatchNormGeometry& geometry,
               const BatchNormParameters& parameters, const float* x,
               bool rectify, float* y);

/// The kernels [channels, column_size] and biases [channels] of a convolution
/// that does the work of `BatchNorm` after one with `kernels` and `biases`,
/// which may be null.
void FoldBatchNorm(const BatchNormParameters& parameters, size_t channels,
                   size_t column_size, const float* kernels,
                   const float* biases, float* folded_kernels,
                   float* folded_biases);

/// gamma_gradient = sum(g * normalized), beta_gradient = sum(g), per channel.
void BatchNormParamsGradient(ThreadPool& pool,
                             const BatchNormGeometry& geometry,
                             const BatchNormParameters& parameters,
                             const float* x, const float* output_gradient,
                             float* gamma_gradient, float* beta_gradient);

/// Gradient with respect to x: gamma / deviation * (g - inverse_count *
/// (beta_gradient + normalized * gamma_gradient)). `inverse_count` is 1 /
/// (batch * pixels), the derivative of the batch's mean by one of its numbers,
/// or 0 where mean and variance are constants (inference).
void BatchNormInputGradient(ThreadPool& pool, const BatchNormGeometry& geometry,
                            const BatchNormParameters& parameters,
                            float inverse_count, const float* gamma_gradient,
                            const float* beta_gradient, const float* x,
                            const float* output_gradient,
                            float* input_gradient);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_BATCH_NORM_H_
