#include "layers/further_layers.h"

#include "layers/borders.h"
#include "layers/elu.h"
#include "layers/gaussian_noise.h"
#include "layers/global_max_pooling.h"
#include "layers/group_normalization.h"
#include "layers/hard_sigmoid.h"
#include "layers/merging.h"
#include "layers/normalization.h"
#include "layers/packing.h"
#include "layers/parametric_relu.h"
#include "layers/permute.h"
#include "layers/repeat.h"
#include "layers/resampling.h"
#include "layers/rescaling.h"
#include "layers/rms_normalization.h"
#include "layers/separable_convolution.h"
#include "layers/softplus.h"
#include "layers/spatial_dropout.h"
#include "layers/transposed_convolution.h"

namespace lamella {
namespace {

constexpr ComponentClass kFurtherLayers[] = {
    Entry<GlobalMaxPooling2D>(),
    Entry<AddLayer>(),
    Entry<Average>(),
    Entry<Maximum>(),
    Entry<MultiplyLayer>(),
    Entry<Concatenate>(),
    Entry<Unpack>(),
    Entry<Pack>(),
    Entry<ELU>(),
    Entry<SELU>(),
    Entry<Softplus>(),
    Entry<Mish>(),
    Entry<HardSigmoid>(),
    Entry<Rescaling>(),
    Entry<Permute>(),
    Entry<Repeat>(),
    Entry<GaussianNoise>(),
    Entry<SpatialDropout2D>(),
    Entry<GroupNormalization>(),
    Entry<RMSNormalization>(),
    Entry<Normalization>(),
    Entry<ParametricReLU>(),
    Entry<ZeroPadding2D>(),
    Entry<Cropping2D>(),
    Entry<UpSampling2D>(),
    Entry<Resizing>(),
    Entry<DepthwiseConv2D>(),
    Entry<SeparableConv2D>(),
    Entry<Conv2DTranspose>(),
};

}  // namespace

std::span<const ComponentClass> FurtherLayers() { return kFurtherLayers; }

MergeLayer* AsMerge(Layer& layer) {
  return layer.Describe().takes_several ? static_cast<MergeLayer*>(&layer)
                                        : nullptr;
}

}  // namespace lamella
