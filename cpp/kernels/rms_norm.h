// Root mean square normalization over x[outer, size, inner]: every position,
// which is a place in `outer` and one in `inner`, by its `size` numbers.
// Source: Zhang, Sennrich, "Root mean square layer normalization", 2019,
// equation 4, with epsilon in the root as Keras and PyTorch have it.
#ifndef LAMELLA_KERNELS_RMS_NORM_H_
#define LAMELLA_KERNELS_RMS_NORM_H_

#include <cstddef>

#include "base/thread_pool.h"
#include "tensor/axis.h"

namespace lamella {

/// y = gamma * x * inverse_rms with inverse_rms[outer, inner] = 1 /
/// sqrt(mean(x^2) + epsilon), or 0 where the root is 0; gamma[size].
void RmsNorm(ThreadPool& pool, const AxisView& view, const float* x,
             double epsilon, const float* gamma, float* inverse_rms, float* y);

/// gamma_gradient[size] = the sums of g * x * inverse_rms.
void RmsNormGammaGradient(ThreadPool& pool, const AxisView& view,
                          const float* x, const float* inverse_rms,
                          const float* output_gradient, float* gamma_gradient);

/// With h = g * gamma and z = x * inverse_rms: inverse_rms * (h - z * mean(h *
/// z)). `workspace` holds a float for each position.
void RmsNormInputGradient(ThreadPool& pool, const AxisView& view,
                          const float* x, const float* inverse_rms,
                          const float* gamma, const float* output_gradient,
                          float* workspace, float* input_gradient);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_RMS_NORM_H_
