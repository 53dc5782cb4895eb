#include "layers/hard_swish.h"

#include "kernels/elementwise.h"

namespace lamella {

HardSwish::HardSwish(Engine& engine, ConfigReader& /*reader*/)
    : PlainActivation(engine, kType,
                      {.traits = {.role = LayerRole::kRectifier},
                       .compute = HardSwishForward,
                       .gradient = HardSwishGradient,
                       .from_output = false}) {}

}  // namespace lamella
