#include "base/engine.h"

#include "base/error.h"

namespace lamella {

void Engine::Spend(size_t floats) {
  if (floats > allowance_) {
    ThrowValueError("{} float32 numbers are more than the file can need",
                    {floats});
  }
  if (allowance_ != SIZE_MAX) allowance_ -= floats;
}

}  // namespace lamella
