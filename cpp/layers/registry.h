// Layers by name: the one list that names every built-in layer.
#ifndef LAMELLA_LAYERS_REGISTRY_H_
#define LAMELLA_LAYERS_REGISTRY_H_

#include <memory>
#include <string_view>

#include "base/config.h"
#include "layers/layer.h"

namespace lamella {

/// Creates a layer from its class name and constructor arguments. Every layer
/// also takes `inputShape` (without batch), for which it is then built at once.
/// Throws a value error for an unknown name or option.
std::shared_ptr<Layer> CreateLayer(Engine& engine, std::string_view type,
                                   const Config& config);

}  // namespace lamella

#endif  // LAMELLA_LAYERS_REGISTRY_H_
