// Convolution as GEMM whose packing reads the image through the index map of
// im2col, so that the column matrix is never in memory. Serves convolution.cc,
// which documents the operations.
#ifndef LAMELLA_KERNELS_PACKED_CONVOLUTION_H_
#define LAMELLA_KERNELS_PACKED_CONVOLUTION_H_

#include <cstddef>

#include "kernels/convolution.h"

namespace lamella {

/// Floats of workspace that either function needs: for the image, and one depth
/// block of pixels (forward) or of taps (gradient of the kernels).
size_t PackedConvolutionWorkspaceSize(const ConvolutionGeometry& geometry);

/// As `ConvolutionForward`.
void PackedConvolutionForward(const ConvolutionGeometry& geometry, size_t batch,
                              const float* input, const float* kernels,
                              const ConvolutionEpilogue& epilogue,
                              float* output, float* workspace);

/// As `ConvolutionKernelsGradient`.
void PackedConvolutionKernelsGradient(const ConvolutionGeometry& geometry,
                                      size_t batch, const float* input,
                                      const float* output_gradient,
                                      float* kernels_gradient,
                                      float* workspace);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_PACKED_CONVOLUTION_H_
