#ifndef LAMELLA_LAYERS_HARD_SWISH_H_
#define LAMELLA_LAYERS_HARD_SWISH_H_

#include "layers/activations.h"

namespace lamella {

/// x * min(max(x + 3, 0), 6) / 6.
class HardSwish final : public PlainActivation {
 public:
  static constexpr std::string_view kType = "HardSwish";

  HardSwish(Engine& engine, ConfigReader& reader);
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_HARD_SWISH_H_
