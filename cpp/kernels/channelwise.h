// Functions of x[outer, size, inner] with a number for each channel, which lie
// along `size`. The threads of the pool share the work.
#ifndef LAMELLA_KERNELS_CHANNELWISE_H_
#define LAMELLA_KERNELS_CHANNELWISE_H_

#include "base/thread_pool.h"
#include "tensor/axis.h"

namespace lamella {

/// y = (x - mean) * scale; `x` and `y` may be the same.
void Standardize(ThreadPool& pool, const AxisView& view, const float* x,
                 const float* mean, const float* scale, float* y);

/// y = x * scale; `x` and `y` may be the same.
void ScaleChannels(ThreadPool& pool, const AxisView& view, const float* x,
                   const float* scale, float* y);

/// y = x for x > 0, alpha * x otherwise; NaN stays NaN.
/// Source: He et al., "Delving deep into rectifiers", 2015, section 2.1.
void ParametricRelu(ThreadPool& pool, const AxisView& view, const float* x,
                    const float* alpha, float* y);

/// input_gradient = g for x > 0, alpha * g otherwise.
void ParametricReluInputGradient(ThreadPool& pool, const AxisView& view,
                                 const float* x, const float* alpha,
                                 const float* output_gradient,
                                 float* input_gradient);

/// alpha_gradient[size] = the sums of g * min(x, 0).
void ParametricReluAlphaGradient(ThreadPool& pool, const AxisView& view,
                                 const float* x, const float* output_gradient,
                                 float* alpha_gradient);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_CHANNELWISE_H_
