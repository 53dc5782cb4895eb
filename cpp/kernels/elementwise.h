// Elementwise functions: activations, their derivatives and small arithmetic.
// All spans of one call are equally long; inputs and outputs may be the same.
// The threads of the pool share the work.
#ifndef LAMELLA_KERNELS_ELEMENTWISE_H_
#define LAMELLA_KERNELS_ELEMENTWISE_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

// Activations: y = f(x), and input_gradient = output_gradient * f'(x), which
// takes the input x or the output y, whichever says it with less work.

/// max(x, 0); NaN stays NaN.
void ReluForward(ThreadPool& pool, const float* x, float* y, size_t size);
/// The same in place and on the caller's thread alone: as a part of another
/// kernel.
void RectifyInPlace(float* values, size_t size);
/// Derivative 1 for y > 0, else 0, also at 0.
void ReluGradient(ThreadPool& pool, const float* y,
                  const float* output_gradient, float* input_gradient,
                  size_t size);

/// min(max(x, 0), 6); NaN stays NaN. Source: Krizhevsky, "Convolutional deep
/// belief networks on CIFAR-10", 2010.
void Relu6Forward(ThreadPool& pool, const float* x, float* y, size_t size);
/// Derivative 1 for 0 < y < 6, else 0.
void Relu6Gradient(ThreadPool& pool, const float* y,
                   const float* output_gradient, float* input_gradient,
                   size_t size);

/// x for x > 0, alpha * x otherwise.
void PreluForward(ThreadPool& pool, const float* x, float alpha, float* y,
                  size_t size);
void PreluGradient(ThreadPool& pool, const float* x, float alpha,
                   const float* output_gradient, float* input_gradient,
                   size_t size);

/// 1 / (1 + exp(-x)), computed from exp(-|x|), which cannot overflow.
void SigmoidForward(ThreadPool& pool, const float* x, float* y, size_t size);
void SigmoidGradient(ThreadPool& pool, const float* y,
                     const float* output_gradient, float* input_gradient,
                     size_t size);

/// Hyperbolic tangent.
void TanhForward(ThreadPool& pool, const float* x, float* y, size_t size);
void TanhGradient(ThreadPool& pool, const float* y,
                  const float* output_gradient, float* input_gradient,
                  size_t size);

/// x * sigmoid(x). Source: Ramachandran, Zoph, Le, "Searching for activation
/// functions", 2017.
void SwishForward(ThreadPool& pool, const float* x, float* y, size_t size);
void SwishGradient(ThreadPool& pool, const float* x,
                   const float* output_gradient, float* input_gradient,
                   size_t size);

/// x * min(max(x + 3, 0), 6) / 6. Source: Howard et al., "Searching for
/// MobileNetV3", 2019, section 5.2.
void HardSwishForward(ThreadPool& pool, const float* x, float* y, size_t size);
/// Derivative (2 x + 3) / 6 for -3 <= x <= 3; 0 below, 1 above.
void HardSwishGradient(ThreadPool& pool, const float* x,
                       const float* output_gradient, float* input_gradient,
                       size_t size);

/// x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))), the tanh form of
/// GELU. Source: Hendrycks, Gimpel, "Gaussian error linear units", 2016,
/// section 2.
void GeluForward(ThreadPool& pool, const float* x, float* y, size_t size);
void GeluGradient(ThreadPool& pool, const float* x,
                  const float* output_gradient, float* input_gradient,
                  size_t size);

/// sum = a + b.
void Add(ThreadPool& pool, const float* a, const float* b, float* sum,
         size_t size);

/// sum = sum + x, where `lost`, zeros at first, keeps what the sums so far were
/// rounded by: the sum of any number of terms is as good as one of two. A sum
/// that is infinite becomes NaN with the term after it.
/// Source: Kahan, "Further remarks on reducing truncation errors", 1965.
void AddCompensated(const float* x, float* sum, float* lost, size_t size);

/// product = a * b.
void Multiply(ThreadPool& pool, const float* a, const float* b, float* product,
              size_t size);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_ELEMENTWISE_H_
