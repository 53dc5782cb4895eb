// Convolution whose channels are split into groups, or whose kernels have gaps
// between their taps: what the matrix products of convolution.h do not cover.
#ifndef LAMELLA_KERNELS_GROUPED_CONVOLUTION_H_
#define LAMELLA_KERNELS_GROUPED_CONVOLUTION_H_

#include <cstddef>

#include "kernels/convolution.h"

namespace lamella {

/// Output channels and channels are cut into `groups` equal parts, and each
/// output channel sees the channels of its own part: kernels are
/// (output_channels, channels / groups, kernel_size, kernel_size). The taps of
/// a kernel are `dilation` pixels apart (Yu, Koltun, "Multi-scale context
/// aggregation by dilated convolutions", 2016, equation 2).
struct GroupedGeometry : ConvolutionGeometry {
  size_t groups;
  size_t dilation;

  size_t kernels_size() const {
    return ConvolutionGeometry::kernels_size() / groups;
  }
  double products() const {
    return ConvolutionGeometry::products() / static_cast<double>(groups);
  }
};

/// Floats of workspace that any of the three functions below needs for a batch.
size_t GroupedConvolutionWorkspaceSize(const GroupedGeometry& geometry,
                                       size_t batch);

/// As their namesakes in convolution.h.
void GroupedConvolutionForward(const GroupedGeometry& geometry, size_t batch,
                               const float* input, const float* kernels,
                               const float* biases, float* output,
                               float* workspace);
void GroupedConvolutionKernelsGradient(const GroupedGeometry& geometry,
                                       size_t batch, const float* input,
                                       const float* output_gradient,
                                       float* kernels_gradient,
                                       float* workspace);
void GroupedConvolutionInputGradient(const GroupedGeometry& geometry,
                                     size_t batch, const float* kernels,
                                     const float* output_gradient,
                                     float* input_gradient, float* workspace);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_GROUPED_CONVOLUTION_H_
