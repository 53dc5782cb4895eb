// How time grows: of interest for lamella and native code only, unless asked for.
import { conv } from '../layers.mjs';
import { among, group, longOnly, operator, training } from './make.mjs';

const peers = among('lamella', 'pytorch');

const cnnStep = (scaling, value, batch, more) =>
  training('cnn', batch, {
    name: `scaling-cnn-step-${scaling}-${value}`,
    ...{ scaling, ...peers, ...longOnly },
    ...more,
  });

/** A 3x3 convolution of 8 images; --quick takes the values of `quick` alone. */
const growing = (what, value, channels, size, quick) =>
  operator(
    `growth-conv-${what}-${value}`,
    ...[8, [channels, size, size], conv(channels, { bias: false })],
    { scaling: `conv-${what}`, value, ...peers, ...(!quick.includes(value) && longOnly) },
  );

/** Every side up to 16, where tiles end in the middle of an image, then some. */
const sides = [
  ...[4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  ...[18, 20, 22, 24, 26, 28, 30, 32, 36, 40, 44, 48, 52, 56, 60, 64],
];
const channels = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64];

export const growth = [
  ...group('growth', [
    ...sides.map((side) => growing('side', side, 32, side, [4, 8, 11, 12, 16, 32, 64])),
    ...channels.map((count) => growing('channels', count, count, 16, [1, 4, 8, 16, 32, 64])),
  ]),
  ...group('scaling', [
    ...[1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((batch) => cnnStep('batch', batch, batch)),
    ...[1, 2, 4, 8].map((width) => cnnStep('width', width, 64, { width })),
    ...[14, 28, 56, 112].map((size) => cnnStep('size', size, 64, { size })),
  ]),
];
