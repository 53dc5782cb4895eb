// The layers that lamella/graph has beside those of lamella.
import { Cropping2D, ZeroPadding2D } from './borders.js';
import { Conv2DTranspose } from './conv2d-transpose.js';
import { ELU, SELU } from './elu.js';
import { GaussianNoise } from './gaussian-noise.js';
import { GlobalMaxPooling2D } from './global-max-pooling.js';
import { GroupNormalization } from './group-normalization.js';
import { HardSigmoid } from './hard-sigmoid.js';
import { Add, Average, Concatenate, Maximum, Multiply } from './merging.js';
import { Normalization } from './normalization.js';
import { ParametricReLU } from './parametric-relu.js';
import { Permute } from './permute.js';
import { Repeat } from './repeat.js';
import { Resizing, UpSampling2D } from './resampling.js';
import { Rescaling } from './rescaling.js';
import { RMSNormalization } from './rms-normalization.js';
import { DepthwiseConv2D, SeparableConv2D } from './separable-convolution.js';
import { Mish, Softplus } from './softplus.js';
import { SpatialDropout2D } from './spatial-dropout.js';

export * from './borders.js';
export * from './conv2d-transpose.js';
export * from './elu.js';
export * from './gaussian-noise.js';
export * from './global-max-pooling.js';
export * from './group-normalization.js';
export * from './hard-sigmoid.js';
export { Add, Average, Concatenate, Maximum, Multiply } from './merging.js';
export * from './normalization.js';
export * from './parametric-relu.js';
export * from './permute.js';
export * from './repeat.js';
export * from './resampling.js';
export * from './rescaling.js';
export * from './rms-normalization.js';
export * from './separable-convolution.js';
export * from './softplus.js';
export * from './spatial-dropout.js';

/** Their classes, by which files and configurations name them. */
export const furtherLayers = [
  GlobalMaxPooling2D,
  Add,
  Average,
  Maximum,
  Multiply,
  Concatenate,
  ELU,
  SELU,
  Softplus,
  Mish,
  HardSigmoid,
  Rescaling,
  Permute,
  Repeat,
  GaussianNoise,
  SpatialDropout2D,
  GroupNormalization,
  RMSNormalization,
  Normalization,
  ParametricReLU,
  ZeroPadding2D,
  Cropping2D,
  UpSampling2D,
  Resizing,
  DepthwiseConv2D,
  SeparableConv2D,
  Conv2DTranspose,
] as const;
