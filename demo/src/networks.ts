import type { LayerConfig } from 'lamella';

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
} satisfies Record<string, readonly LayerConfig[]>;
