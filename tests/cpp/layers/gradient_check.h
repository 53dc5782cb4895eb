// Checks of a layer's gradients against finite differences.
//
// For a random upstream gradient g, f = sum(g * output) is a scalar function of
// every input and parameter, whose gradients `Backward(g)` must return.
#ifndef LAMELLA_TESTS_CPP_LAYERS_GRADIENT_CHECK_H_
#define LAMELLA_TESTS_CPP_LAYERS_GRADIENT_CHECK_H_

#include <memory>
#include <ostream>
#include <string>

#include "base/config.h"
#include "layers/layer.h"
#include "tensor/shape.h"

namespace lamella::test {

enum class Input {
  kUniform,   // in (-1, 1)
  kNoKinks,   // every |x| is more than the step
  kDistinct,  // any two elements differ by more than two steps
};

struct GradientCase {
  std::string name;
  std::string type;
  Config config;
  Shape input;  // with the batch
  Input values = Input::kUniform;
  bool training = true;
};
inline void PrintTo(const GradientCase& test_case, std::ostream* stream) {
  *stream << test_case.name;
}

/// Expects that the gradients of input and parameters, whose values it draws,
/// are those of a layer of the case.
void CheckGradients(const std::shared_ptr<Layer>& layer,
                    const GradientCase& test_case);

}  // namespace lamella::test

#endif  // LAMELLA_TESTS_CPP_LAYERS_GRADIENT_CHECK_H_
