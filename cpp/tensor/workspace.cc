#include "tensor/workspace.h"

#include "base/aligned_buffer.h"

namespace lamella {

float* Workspace(size_t size) {
  static AlignedBuffer buffer;
  buffer.Reserve(size);
  return buffer.data();
}

}  // namespace lamella
