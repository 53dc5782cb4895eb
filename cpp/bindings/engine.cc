#include "bindings/engine.h"

namespace lamella::bindings {
namespace {

// Made by the linker, so that no thread meets it half made.
constinit Engine engine;

}  // namespace

Engine& TheEngine() { return engine; }

}  // namespace lamella::bindings
