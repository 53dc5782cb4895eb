// Ways to draw the weights of layers.
#ifndef LAMELLA_LAYERS_INITIALIZATION_H_
#define LAMELLA_LAYERS_INITIALIZATION_H_

#include <cstddef>
#include <string_view>

#include "base/engine.h"
#include "base/random.h"
#include "tensor/tensor.h"

namespace lamella {

/// Ways to draw weights. Those with a variance have the mean 0; fan_in is the
/// number of inputs to an output, fan_out that of the outputs of an input.
enum class Initialization {
  /// The model decides by the activation that follows; Xavier without a model.
  kAuto,
  /// Normal of variance 2 / fan_in, for ReLU-like activations. Source: He,
  /// Zhang, Ren, Sun, "Delving deep into rectifiers", 2015, equation 10.
  kHe,
  /// Normal of variance 1 / fan_in: the widespread form of Glorot's with fan_in
  /// alone.
  kXavier,
  kHeNormal,   ///< As kHe.
  kHeUniform,  ///< Uniform of the same variance.
  /// Normal or uniform of variance 2 / (fan_in + fan_out). Source: Glorot,
  /// Bengio, "Understanding the difficulty of training deep feedforward neural
  /// networks", 2010, equations 12 and 16.
  kGlorotNormal,
  kGlorotUniform,
  /// Normal or uniform of variance 1 / fan_in. Source: LeCun, Bottou, Orr,
  /// Müller, "Efficient backprop", 1998, equation 16.
  kLecunNormal,
  kLecunUniform,
  /// The rows of the matrix (first dimension, all others), or its columns if
  /// these are fewer, are orthogonal and of length 1, in any direction alike.
  /// Source: Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear
  /// dynamics of learning in deep linear neural networks", 2014, section 3.
  kOrthogonal,
  kZeros,
};

/// The way that a name means: "auto", "he", "xavier", "heNormal", …; value
/// error that names `owner` otherwise.
Initialization ParseInitialization(std::string_view owner,
                                   std::string_view name);
std::string_view InitializationName(Initialization initialization);

/// Fills `weights`, whose memory nobody else uses. Value error for orthogonal
/// ones with both sides above 2048, which would take too long.
void Draw(Engine& engine, Initialization initialization, size_t fan_in,
          size_t fan_out, RandomStream& random, Tensor& weights);

}  // namespace lamella

#endif  // LAMELLA_LAYERS_INITIALIZATION_H_
