#include "base/error.h"

#include <cstdio>

namespace lamella {

namespace internal {
std::string ToText(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), "%g", value);
  return buffer;
}
}  // namespace internal

void ThrowShapeError(std::string message) {
  throw Error(ErrorKind::kShape, std::move(message));
}
void ThrowValueError(std::string message) {
  throw Error(ErrorKind::kValue, std::move(message));
}
void ThrowTypeError(std::string message) {
  throw Error(ErrorKind::kType, std::move(message));
}
void ThrowStateError(std::string message) {
  throw Error(ErrorKind::kState, std::move(message));
}
void ThrowMemoryError(std::string message) {
  throw Error(ErrorKind::kMemory, std::move(message));
}

}  // namespace lamella
