// Softmax along the middle axis of (outer, classes, inner).
#ifndef LAMELLA_KERNELS_SOFTMAX_H_
#define LAMELLA_KERNELS_SOFTMAX_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

/// y = softmax(x / temperature) over `classes`; the maximum is subtracted
/// first, so that no exponential overflows. `inner` is 1 for a matrix and the
/// number of pixels for images, whose classes are the channels.
void SoftmaxForward(ThreadPool& pool, const float* x, size_t outer,
                    size_t classes, size_t inner, float temperature, float* y);

/// input_gradient = y * (g - sum(y * g)) / temperature.
void SoftmaxGradient(ThreadPool& pool, const float* y,
                     const float* output_gradient, size_t outer, size_t classes,
                     size_t inner, float temperature, float* input_gradient);

/// Sum over the rows of -sum(expected * log softmax(logits / temperature)),
/// computed as log-softmax, which neither overflows nor saturates. `gradient`
/// gets `scale` times its derivative by the logits: (softmax * sum(expected) -
/// expected) / temperature. With `class_weights`, which may be null, expected
/// counts as expected * class_weights.
double SoftmaxCrossEntropy(const float* logits, const float* expected,
                           size_t rows, size_t classes, float temperature,
                           float scale, const float* class_weights,
                           float* gradient);

/// The same where each row expects one class, whose number labels[row] is a
/// whole number below `classes`.
double SparseSoftmaxCrossEntropy(const float* logits, const float* labels,
                                 size_t rows, size_t classes, float temperature,
                                 float scale, const float* class_weights,
                                 float* gradient);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_SOFTMAX_H_
