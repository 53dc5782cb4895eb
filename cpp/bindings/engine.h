// The engine of the module.
#ifndef LAMELLA_BINDINGS_ENGINE_H_
#define LAMELLA_BINDINGS_ENGINE_H_

#include "base/engine.h"

namespace lamella::bindings {

/// The one that all objects of JavaScript are made with.
Engine& TheEngine();

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_ENGINE_H_
