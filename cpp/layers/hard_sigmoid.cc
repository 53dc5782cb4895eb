#include "layers/hard_sigmoid.h"

#include "kernels/further_activations.h"

namespace lamella {

HardSigmoid::HardSigmoid(Engine& engine, ConfigReader& /*reader*/)
    : PlainActivation(engine, kType,
                      {.traits = {.role = LayerRole::kOtherActivation},
                       .compute = HardSigmoidForward,
                       .gradient = HardSigmoidGradient,
                       .from_output = true}) {}

}  // namespace lamella
