#ifndef LAMELLA_LAYERS_RELU6_H_
#define LAMELLA_LAYERS_RELU6_H_

#include "layers/activations.h"

namespace lamella {

/// min(max(x, 0), 6); the derivative at 0 and 6 is 0.
class ReLU6 final : public PlainActivation {
 public:
  static constexpr std::string_view kType = "ReLU6";

  ReLU6(Engine& engine, ConfigReader& reader);
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_RELU6_H_
