import type { LayerConfig } from 'lamella';
import { residualBlock } from './layer-kinds.js';

export const networks = {
  cnn: [
    { type: 'Convolutional', outputDepth: 8, kernelSize: 3, padding: 'same' },
    { type: 'ReLU' },
    { type: 'MaxPooling2D', poolSize: 2 },
    { type: 'Convolutional', outputDepth: 16, kernelSize: 3, padding: 'same' },
    { type: 'ReLU' },
    { type: 'MaxPooling2D', poolSize: 2 },
    { type: 'Flatten' },
    { type: 'Dense', outputSize: 10 },
  ],
  mlp: [
    { type: 'Flatten' },
    { type: 'Dense', outputSize: 128 },
    { type: 'ReLU' },
    { type: 'Dense', outputSize: 10 },
  ],
  // Small enough to learn before one's eyes.
  residual: [
    { type: 'Convolutional', outputDepth: 8, kernelSize: 3, padding: 'same' },
    { type: 'BatchNormalization2D' },
    { type: 'ReLU' },
    { type: 'MaxPooling2D', poolSize: 2 },
    residualBlock(8),
    { type: 'ReLU' },
    residualBlock(16, 2, 'kernels'),
    { type: 'ReLU' },
    residualBlock(32, 2, 'kernels'),
    { type: 'ReLU' },
    { type: 'GlobalAveragePooling2D' },
    { type: 'Dense', outputSize: 10 },
  ],
} satisfies Record<string, readonly LayerConfig[]>;
