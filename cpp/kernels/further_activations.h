// Activations of `lamella/graph`, elementwise: y = f(x), and input_gradient =
// output_gradient * f'(x), which takes the input x or the output y, whichever
// says it with less work. All spans of one call are equally long; inputs and
// outputs may be the same. The threads of the pool share the work.
#ifndef LAMELLA_KERNELS_FURTHER_ACTIVATIONS_H_
#define LAMELLA_KERNELS_FURTHER_ACTIVATIONS_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

/// scale * x for x > 0, scale * alpha * (e^x - 1) otherwise; scale and alpha
/// are at least 0. NaN stays NaN. Source: Clevert, Unterthiner, Hochreiter,
/// "Fast and accurate deep network learning by exponential linear units", 2016,
/// equation 15; with a scale, Klambauer et al., "Self-normalizing neural
/// networks", 2017, equation 2.
struct EluShape {
  float alpha;
  float scale = 1.0f;
};
void EluForward(ThreadPool& pool, const float* x, const EluShape& shape,
                float* y, size_t size);
/// Derivative scale for y > 0, else y + scale * alpha, also at 0.
void EluGradient(ThreadPool& pool, const float* y, const EluShape& shape,
                 const float* output_gradient, float* input_gradient,
                 size_t size);

/// log(1 + e^x) as max(x, 0) + log(1 + e^-|x|), which cannot overflow; NaN
/// stays NaN. Source: Dugas et al., "Incorporating second-order functional
/// knowledge for better option pricing", 2000, section 3.
void SoftplusForward(ThreadPool& pool, const float* x, float* y, size_t size);
/// Derivative sigmoid(x).
void SoftplusGradient(ThreadPool& pool, const float* x,
                      const float* output_gradient, float* input_gradient,
                      size_t size);

/// x * tanh(log(1 + e^x)); NaN stays NaN. Source: Misra, "Mish: a self
/// regularized non-monotonic activation function", 2019, equation 1.
void MishForward(ThreadPool& pool, const float* x, float* y, size_t size);
void MishGradient(ThreadPool& pool, const float* x,
                  const float* output_gradient, float* input_gradient,
                  size_t size);

/// min(max(x + 3, 0), 6) / 6; NaN stays NaN. Source: Howard et al., "Searching
/// for MobileNetV3", 2019, section 5.2.
void HardSigmoidForward(ThreadPool& pool, const float* x, float* y,
                        size_t size);
/// Derivative 1 / 6 for 0 < y < 1, else 0.
void HardSigmoidGradient(ThreadPool& pool, const float* y,
                         const float* output_gradient, float* input_gradient,
                         size_t size);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_FURTHER_ACTIVATIONS_H_
