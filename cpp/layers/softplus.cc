#include "layers/softplus.h"

#include "kernels/further_activations.h"

namespace lamella {

Softplus::Softplus(Engine& engine, ConfigReader& /*reader*/)
    : PlainActivation(engine, kType,
                      {.traits = {.role = LayerRole::kRectifier},
                       .compute = SoftplusForward,
                       .gradient = SoftplusGradient,
                       .from_output = false}) {}

Mish::Mish(Engine& engine, ConfigReader& /*reader*/)
    : PlainActivation(engine, kType,
                      {.traits = {.role = LayerRole::kRectifier},
                       .compute = MishForward,
                       .gradient = MishGradient,
                       .from_output = false}) {}

}  // namespace lamella
