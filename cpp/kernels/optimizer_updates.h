// One step of each optimizer over one parameter, in a single pass.
#ifndef LAMELLA_KERNELS_OPTIMIZER_UPDATES_H_
#define LAMELLA_KERNELS_OPTIMIZER_UPDATES_H_

#include <cstddef>

#include "base/thread_pool.h"

namespace lamella {

/// An update uses scale * gradient + l2 * value + l1 * sign(value) as its
/// gradient g; the stored gradient does not change.
struct GradientPenalty {
  float l1 = 0.0f;
  float l2 = 0.0f;
  float scale = 1.0f;
};

// Decaying moments do not end in the denormal range, where an operation takes
// about 100 cycles. Velocities and first moments below 2^-120 become 0, means
// of squares are never less than that. RMSprop and Adam take gradients below
// 2^-54 (6e-17) for 0: with the usual epsilon of 1e-8 these would move a
// parameter by less than a hundred-millionth of the learning rate.

/// Sum of the squares, in float64.
double SumOfSquares(const float* values, size_t size);

/// velocity = momentum * velocity - learning_rate * g; value += velocity, or
/// with `nesterov` value += momentum * velocity - learning_rate * g, the
/// gradient being taken to be that of the point looked ahead to (Sutskever,
/// Martens, Dahl, Hinton, "On the importance of initialization and momentum in
/// deep learning", 2013, in the form of Bengio et al., 2012, equation 7).
void SgdUpdate(ThreadPool& pool, size_t size, float learning_rate,
               float momentum, bool nesterov, GradientPenalty penalty,
               const float* gradient, float* velocity, float* value);

/// cache = decay * cache + (1 - decay) * g^2;
/// value -= learning_rate * g / (sqrt(cache) + epsilon).
/// Source: Tieleman, Hinton, "Lecture 6.5 - RMSProp", COURSERA 2012.
void RmspropUpdate(ThreadPool& pool, size_t size, float learning_rate,
                   double decay, float epsilon, GradientPenalty penalty,
                   const float* gradient, float* cache, float* value);

/// Coefficients of one Adam step. The corrections are 1 / (1 - beta^t). In
/// float64, since 1 - 0.999 in float32 is wrong in the fifth digit.
struct AdamStep {
  double learning_rate;
  double beta1;
  double beta2;
  double epsilon;
  double first_correction;
  double second_correction;
  /// Decoupled weight decay: the value is multiplied by
  /// 1 - learning_rate * decay (Loshchilov, Hutter, "Decoupled weight decay
  /// regularization", 2019), before the update or after it.
  double decay;
  bool decay_first = false;
};

/// m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g^2;
/// value -= learning_rate * m^ / (sqrt(v^) + epsilon) with the bias-corrected
/// m^ and v^. Source: Kingma, Ba, "Adam", 2015, algorithm 1.
void AdamUpdate(ThreadPool& pool, size_t size, const AdamStep& step,
                GradientPenalty penalty, const float* gradient,
                float* first_moment, float* second_moment, float* value);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_OPTIMIZER_UPDATES_H_
