// Fast convolution with 3x3 kernels and stride 1: 36 products where the direct
// way takes 144. Serves convolution.cc, which documents the operations.
//
// Method: Winograd's minimal filtering F(4x4, 3x3), Lavin, Gray, "Fast
// algorithms for convolutional neural networks", 2015, section 4.3. Tiles of
// 6x6 pixels and the kernels are transformed, multiplied point by point (a
// matrix product over the channels for each of the 36 points), and the sums
// transformed back to 4x4 outputs. The gradient of the kernels is the exact
// transpose of the same three steps.
//
// Error: the transforms' constants up to 8 cost about one decimal digit. With
// uniform data in [-1, 1] no result is off by more than kWinogradError times
// the greatest sum of the magnitudes of a result's products (tested).
#ifndef LAMELLA_KERNELS_WINOGRAD_H_
#define LAMELLA_KERNELS_WINOGRAD_H_

#include <cstddef>

#include "kernels/convolution.h"

namespace lamella {

/// Bound of the error, see above.
inline constexpr float kWinogradError = 64 * 0x1p-24f;

/// Whether this convolution of a batch can be computed this way and gains from
/// it: 3x3 kernels at stride 1, enough channels and 4x4 tiles to pay for the
/// transforms.
bool IsWinogradFaster(const ConvolutionGeometry& geometry, size_t batch);

/// Floats of workspace that either function needs.
size_t WinogradWorkspaceSize(const ConvolutionGeometry& geometry);

/// As `ConvolutionForward`, for 3x3 kernels and stride 1.
void WinogradForward(const ConvolutionGeometry& geometry, size_t batch,
                     const float* input, const float* kernels,
                     const ConvolutionEpilogue& epilogue, float* output,
                     float* workspace);

/// As `ConvolutionKernelsGradient`, for 3x3 kernels and stride 1.
void WinogradKernelsGradient(const ConvolutionGeometry& geometry, size_t batch,
                             const float* input, const float* output_gradient,
                             float* kernels_gradient, float* workspace);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_WINOGRAD_H_
