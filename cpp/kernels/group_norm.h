// Group normalization over x[batch, outer, channels, inner]: each sample's
// channels in groups of neighbours, each group by its own mean and variance.
// Source: Wu, He, "Group normalization", 2018, equations 1, 2 and 7.
#ifndef LAMELLA_KERNELS_GROUP_NORM_H_
#define LAMELLA_KERNELS_GROUP_NORM_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

struct GroupNormGeometry {
  size_t batch;
  size_t outer;
  /// A multiple of `groups`.
  size_t channels;
  size_t inner;
  size_t groups;

  size_t channels_per_group() const { return channels / groups; }
  size_t sample_size() const { return outer * channels * inner; }
};

/// Numbers of a pass, one for each channel of each sample, [batch, channels];
/// all channels of a group have the same ones.
struct GroupMoments {
  float* mean;
  /// The part of the mean that float32 has no room for.
  float* mean_rest;
  /// 1 / sqrt(variance + epsilon) with the biased variance, or 0 where the root
  /// is 0.
  float* inverse_deviation;
};

/// y = gamma * normalized + beta with normalized = (x - mean) *
/// inverse_deviation; gamma[channels], beta[channels].
void GroupNorm(ThreadPool& pool, const GroupNormGeometry& geometry,
               const float* x, double epsilon, const float* gamma,
               const float* beta, const GroupMoments& moments, float* y);

/// Floats of workspace of `GroupNormGradient`.
inline size_t GroupNormGradientWorkspace(const GroupNormGeometry& geometry) {
  return 4 * geometry.batch * geometry.channels;
}

/// gamma_gradient = sum(g * normalized), beta_gradient = sum(g), per channel,
/// and, unless input_gradient is null, with h = g * gamma: inverse_deviation *
/// (h - mean(h) - normalized * mean(h * normalized)), the means being those of
/// the group.
void GroupNormGradient(ThreadPool& pool, const GroupNormGeometry& geometry,
                       const float* x, const GroupMoments& moments,
                       const float* gamma, const float* output_gradient,
                       float* workspace, float* gamma_gradient,
                       float* beta_gradient, float* input_gradient);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_GROUP_NORM_H_
