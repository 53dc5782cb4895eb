// Division of the workspace that kernels are given.
#ifndef LAMELLA_KERNELS_WORKSPACE_H_
#define LAMELLA_KERNELS_WORKSPACE_H_

#include <cstddef>

namespace lamella {

/// Floats per cache line: every part of a workspace starts on a line of its
/// own.
inline constexpr size_t kLineFloats = 16;

constexpr size_t RoundUp(size_t value, size_t step) {
  return (value + step - 1) / step * step;
}

}  // namespace lamella

#endif  // LAMELLA_KERNELS_WORKSPACE_H_
