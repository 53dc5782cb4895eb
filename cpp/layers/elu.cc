#include "layers/elu.h"

#include <limits>

#include "kernels/further_activations.h"

namespace lamella {
namespace {

constexpr EluShape kSelu = {.alpha = 1.6732632423543773f,
                            .scale = 1.0507009873554805f};

}  // namespace

ELU::ELU(Engine& engine, ConfigReader& reader)
    : Activation(engine, kType),
      alpha_(reader.Number("alpha", 0, std::numeric_limits<double>::infinity(),
                           1)) {}

void ELU::WriteConfig(Config& config) const { config.Set("alpha", alpha_); }

void ELU::Compute(float* output, size_t size) {
  EluForward(engine().pool(), input_.data(),
             {.alpha = static_cast<float>(alpha_)}, output, size);
}

void ELU::ComputeGradient(const float* output_gradient, float* input_gradient,
                          size_t size) {
  EluGradient(engine().pool(), output_.data(),
              {.alpha = static_cast<float>(alpha_)}, output_gradient,
              input_gradient, size);
}

SELU::SELU(Engine& engine, ConfigReader& /*reader*/)
    : PlainActivation(
          engine, kType,
          {.traits = {.role = LayerRole::kOtherActivation},
           .compute = [](ThreadPool& pool, const float* x, float* y,
                         size_t size) { EluForward(pool, x, kSelu, y, size); },
           .gradient =
               [](ThreadPool& pool, const float* y,
                  const float* output_gradient, float* input_gradient,
                  size_t size) {
                 EluGradient(pool, y, kSelu, output_gradient, input_gradient,
                             size);
               },
           .from_output = true}) {}

}  // namespace lamella
