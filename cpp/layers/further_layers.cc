#include "layers/further_layers.h"

#include "layers/global_max_pooling.h"

namespace lamella {
namespace {

constexpr ComponentClass kFurtherLayers[] = {
    Entry<GlobalMaxPooling2D>(),
};

}  // namespace

std::span<const ComponentClass> FurtherLayers() { return kFurtherLayers; }

}  // namespace lamella
