// Scratch memory that the kernels of one call share.
#ifndef LAMELLA_TENSOR_WORKSPACE_H_
#define LAMELLA_TENSOR_WORKSPACE_H_

#include <cstddef>

namespace lamella {

/// At least `size` floats of scratch, 64-byte aligned, with unspecified
/// contents. One block serves the whole engine: it grows to the largest request
/// and stays, and is valid until the next request. Layers use it within one
/// kernel call, so no two users overlap.
float* Workspace(size_t size);

}  // namespace lamella

#endif  // LAMELLA_TENSOR_WORKSPACE_H_
