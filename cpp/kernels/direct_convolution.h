// Convolution straight from the image: neighbouring outputs read neighbouring
// pixels of it or of its padded copy, so vectors are loaded from there and
// nothing is packed. Serves convolution.cc, which documents the operations.
#ifndef LAMELLA_KERNELS_DIRECT_CONVOLUTION_H_
#define LAMELLA_KERNELS_DIRECT_CONVOLUTION_H_

#include <cstddef>

#include "kernels/convolution.h"

namespace lamella {

/// Floats of workspace that either function needs.
size_t DirectConvolutionWorkspaceSize(const ConvolutionGeometry& geometry);

/// As `ConvolutionForward`.
void DirectConvolutionForward(const ConvolutionGeometry& geometry, size_t batch,
                              const float* input, const float* kernels,
                              const ConvolutionEpilogue& epilogue,
                              float* output, float* workspace);

/// As `ConvolutionKernelsGradient`. Rows of the gradient have zeros between
/// them, which pixels of the next row meet: an infinite or NaN pixel makes NaN
/// of every tap, also of those that never lie on it.
void DirectConvolutionKernelsGradient(const ConvolutionGeometry& geometry,
                                      size_t batch, const float* input,
                                      const float* output_gradient,
                                      float* kernels_gradient,
                                      float* workspace);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_DIRECT_CONVOLUTION_H_
