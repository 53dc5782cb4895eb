// The switch of fast convolutions.

#include <emscripten/bind.h>

#include "bindings/engine.h"

namespace lamella::bindings {

void AllowWinograd(bool allows) { TheEngine().set_allows_winograd(allows); }

EMSCRIPTEN_BINDINGS(winograd) {
  emscripten::function("allowWinograd", &AllowWinograd);
}

}  // namespace lamella::bindings
