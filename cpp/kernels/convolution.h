// Convolution of images and its two gradients, as matrix products. The column
// matrix is never written to memory but for the gradient of the input where
// that is no convolution itself: at strides above 1, or with as much padding as
// a kernel reaches over.
#ifndef LAMELLA_KERNELS_CONVOLUTION_H_
#define LAMELLA_KERNELS_CONVOLUTION_H_

#include <cstddef>

#include "base/thread_pool.h"
#include "kernels/window.h"

namespace lamella {

/// Sizes of a convolution. Images are (groups * channels, height, width),
/// results (groups * output_channels, output_height, output_width), kernels
/// (groups * output_channels, channels, vertical.size, horizontal.size): each
/// group of output channels sees the channels of its own.
struct ConvolutionGeometry {
  /// Of one group, as `output_channels` and all sizes below.
  size_t channels;
  size_t height;
  size_t width;
  size_t output_channels;
  /// vertical.Count(height) and horizontal.Count(width), which inner loops ask
  /// for.
  size_t output_height;
  size_t output_width;
  /// The windows that kernels lie in; the padding is zeros.
  Window vertical;
  Window horizontal;
  /// Each is a convolution of its own; as many as channels make a depthwise
  /// convolution.
  size_t groups = 1;

  /// Whether neighbouring outputs see neighbouring pixels.
  bool is_dense() const {
    return vertical.stride == 1 && horizontal.stride == 1;
  }
  /// Taps of a kernel in one channel.
  size_t kernel_taps() const { return vertical.size * horizontal.size; }
  /// Length of one column: the depth of the forward product.
  size_t column_size() const { return channels * kernel_taps(); }
  size_t input_size() const { return channels * height * width; }
  size_t output_pixels() const { return output_height * output_width; }
  size_t output_size() const { return output_channels * output_pixels(); }
  size_t kernels_size() const { return output_channels * column_size(); }
  /// Floats from one image of a batch to the next.
  size_t input_stride() const { return groups * input_size(); }
  size_t output_stride() const { return groups * output_size(); }
  /// Multiplications per image, of all groups.
  double products() const {
    return static_cast<double>(output_pixels()) *
           static_cast<double>(groups * kernels_size());
  }
};

/// The forward pass changes its sums in this way before it stores them.
struct ConvolutionEpilogue {
  /// One number per output channel to add, or null.
  const float* biases = nullptr;
  /// Stores max(x, 0), the output of the ReLU that comes next.
  bool rectify = false;
};

/// Floats of workspace that no pass over an image exceeds by much, whichever
/// way it goes. In floating point, which does not wrap around.
double ConvolutionWorkspaceEstimate(const ConvolutionGeometry& geometry);

/// A way to convolve, of convolution.cc.
struct ConvolutionAlgorithm;

/// Decided once for a geometry and a batch: the algorithms of the three
/// functions below, and the workspace that they need.
struct ConvolutionPlan {
  ConvolutionGeometry geometry;
  size_t batch;
  /// Of the forward pass and the gradient of the kernels.
  const ConvolutionAlgorithm* algorithm;
  /// The convolution that the gradient of the input is, of the gradient with
  /// the kernels turned by 180 degrees, and its algorithm; null where it is
  /// none. Source: Dumoulin, Visin, "A guide to convolution arithmetic for deep
  /// learning", 2016, section 4.
  ConvolutionGeometry transposed;
  const ConvolutionAlgorithm* transposed_algorithm = nullptr;
  /// Shares the work; so many threads did when the plan was made.
  ThreadPool* pool = nullptr;
  size_t threads = 1;
  /// Floats, of one thread and of all that is needed.
  size_t thread_workspace = 0;
  size_t workspace = 0;
};

/// The plan holds until the number of threads changes. `allows_winograd` tells
/// whether it may take Winograd's algorithm where that is faster. The direct
/// way is exact where this one is not: a pixel that is not finite reaches its
/// whole tile, and inputs from some 1e36 on overflow in the transforms.
ConvolutionPlan PlanConvolution(ThreadPool& pool,
                                const ConvolutionGeometry& geometry,
                                size_t batch, bool allows_winograd = true);

/// output[N, Cout, Hout, Wout] = kernels * im2col(input), then the epilogue.
void ConvolutionForward(const ConvolutionPlan& plan, const float* input,
                        const float* kernels,
                        const ConvolutionEpilogue& epilogue, float* output,
                        float* workspace);

/// kernels_gradient = sum over the batch of output_gradient *
/// im2col(input)^T, overwritten.
void ConvolutionKernelsGradient(const ConvolutionPlan& plan, const float* input,
                                const float* output_gradient,
                                float* kernels_gradient, float* workspace);

/// input_gradient = col2im(kernels^T * output_gradient), overwritten.
/// `rectified` is null or the input, which a ReLU made: then the result is the
/// gradient with respect to that ReLU's input.
void ConvolutionInputGradient(const ConvolutionPlan& plan, const float* kernels,
                              const float* output_gradient,
                              const float* rectified, float* input_gradient,
                              float* workspace);

}  // namespace lamella

#endif  // LAMELLA_KERNELS_CONVOLUTION_H_
