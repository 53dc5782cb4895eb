// Softplus, and Mish, which is made of it.
#ifndef LAMELLA_LAYERS_SOFTPLUS_H_
#define LAMELLA_LAYERS_SOFTPLUS_H_

#include "layers/activations.h"

namespace lamella {

/// log(1 + e^x).
class Softplus final : public PlainActivation {
 public:
  static constexpr std::string_view kType = "Softplus";

  Softplus(Engine& engine, ConfigReader& reader);
};

/// x * tanh(softplus(x)).
class Mish final : public PlainActivation {
 public:
  static constexpr std::string_view kType = "Mish";

  Mish(Engine& engine, ConfigReader& reader);
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_SOFTPLUS_H_
