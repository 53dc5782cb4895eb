// The switch of fast convolutions.

#include "kernels/winograd.h"

#include <emscripten/bind.h>

namespace lamella::bindings {

EMSCRIPTEN_BINDINGS(winograd) {
  emscripten::function("allowWinograd", &AllowWinograd);
}

}  // namespace lamella::bindings
