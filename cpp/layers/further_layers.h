// The layers that the engine of `lamella` is built without, for its size: no
// code is left there of what these functions and `AsMerge` lead to.
#ifndef LAMELLA_LAYERS_FURTHER_LAYERS_H_
#define LAMELLA_LAYERS_FURTHER_LAYERS_H_

#include <span>

#include "base/component.h"

namespace lamella {

/// The layer classes of `lamella/graph` that `lamella` has not: the list in
/// further_layers.cc, or none where no_further_layers.cc stands in its place.
std::span<const ComponentClass> FurtherLayers();

}  // namespace lamella

#endif  // LAMELLA_LAYERS_FURTHER_LAYERS_H_
