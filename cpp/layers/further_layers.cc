#include "layers/further_layers.h"

#include "layers/global_max_pooling.h"
#include "layers/merging.h"
#include "layers/packing.h"

namespace lamella {
namespace {

constexpr ComponentClass kFurtherLayers[] = {
    Entry<GlobalMaxPooling2D>(),
    Entry<AddLayer>(),
    Entry<Average>(),
    Entry<Maximum>(),
    Entry<MultiplyLayer>(),
    Entry<Concatenate>(),
    Entry<Unpack>(),
    Entry<Pack>(),
};

}  // namespace

std::span<const ComponentClass> FurtherLayers() { return kFurtherLayers; }

}  // namespace lamella
