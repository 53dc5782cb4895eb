#ifndef LAMELLA_LAYERS_HARD_SIGMOID_H_
#define LAMELLA_LAYERS_HARD_SIGMOID_H_

#include "layers/activations.h"

namespace lamella {

/// min(max(x + 3, 0), 6) / 6; the derivative at -3 and 3 is 0.
class HardSigmoid final : public PlainActivation {
 public:
  static constexpr std::string_view kType = "HardSigmoid";

  HardSigmoid(Engine& engine, ConfigReader& reader);
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_HARD_SIGMOID_H_
