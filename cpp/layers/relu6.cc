#include "layers/relu6.h"

#include "kernels/elementwise.h"

namespace lamella {

ReLU6::ReLU6(Engine& engine, ConfigReader& /*reader*/)
    : PlainActivation(engine, kType,
                      {.traits = {.role = LayerRole::kRectifier},
                       .compute = Relu6Forward,
                       .gradient = Relu6Gradient,
                       .from_output = true}) {}

}  // namespace lamella
