/** The network and settings the page starts with, and the form in which a link carries them. */
import { datasets } from './datasets.js';
import { isLayer } from './layer-kinds.js';
import { networks } from './networks.js';
import type { OptimizerType, RunConfig } from './types.js';

export const optimizerTypes: readonly OptimizerType[] = ['Adam', 'RMSprop', 'SGD'];

/** Most layers that the page takes. */
export const maxLayers = 20;

export const defaultConfig: RunConfig = {
  dataset: 'mnist',
  full: false,
  layers: networks.cnn,
  optimizer: 'Adam',
  learningRate: 0.002,
  batchSize: 64,
  epochs: 5,
  seed: 7,
};

/** Largest and smallest of the numbers, as index.html has them. */
const ranges = {
  learningRate: [0.000001, 1],
  batchSize: [1, 1024],
  epochs: [1, 100],
  seed: [0, 999_999],
} as const;

const prefix = '#config=';

/** A fragment for the page's address. */
export function toFragment(config: RunConfig): string {
  return prefix + encodeURIComponent(JSON.stringify(config));
}

function isConfig(value: unknown): value is RunConfig {
  if (typeof value !== 'object' || value === null) return false;
  const given = value as Record<string, unknown>;
  const { dataset, full, layers, optimizer } = given;
  return (
    datasets.some(({ id }) => id === dataset) &&
    typeof full === 'boolean' &&
    optimizerTypes.some((type) => type === optimizer) &&
    Array.isArray(layers) &&
    layers.length <= maxLayers &&
    layers.every(isLayer) &&
    Object.entries(ranges).every(([key, [min, max]]) => {
      const number = given[key];
      if (typeof number !== 'number' || !(number >= min && number <= max)) return false;
      return key === 'learningRate' || Number.isInteger(number);
    })
  );
}

/**
 * The configuration in a fragment; undefined without one.
 * @throws Error, in words, when there is one that this page cannot take.
 */
export function fromFragment(fragment: string): RunConfig | undefined {
  if (!fragment.startsWith(prefix)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(decodeURIComponent(fragment.slice(prefix.length)));
  } catch {
    value = undefined;
  }
  if (isConfig(value)) return value;
  throw new Error('The settings in this link cannot be read; these are the usual ones.');
}
