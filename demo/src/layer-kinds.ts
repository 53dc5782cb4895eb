import type { LayerConfig } from 'lamella';

/** A number that a layer takes. */
export interface LayerField {
  readonly key: string;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** For a new layer. */
  readonly start: number;
}

export interface LayerKind {
  readonly type: string;
  readonly title: string;
  readonly fields: readonly LayerField[];
  /** What is set but not for the reader to change. */
  readonly fixed?: Readonly<Record<string, string>>;
}

function whole(key: string, label: string, start: number, max: number): LayerField {
  return { key, label, min: 1, max, step: 1, start };
}

/** The layers that the page offers. */
export const layerKinds: readonly LayerKind[] = [
  {
    type: 'Convolutional',
    title: 'Convolution',
    fields: [whole('outputDepth', 'kernels', 8, 64), whole('kernelSize', 'size', 3, 9)],
    fixed: { padding: 'same' },
  },
  { type: 'MaxPooling2D', title: 'Max pooling', fields: [whole('poolSize', 'size', 2, 8)] },
  { type: 'AveragePooling2D', title: 'Average pooling', fields: [whole('poolSize', 'size', 2, 8)] },
  { type: 'Flatten', title: 'Flatten', fields: [] },
  { type: 'Dense', title: 'Dense', fields: [whole('outputSize', 'outputs', 64, 1024)] },
  { type: 'ReLU', title: 'ReLU', fields: [] },
  { type: 'PReLU', title: 'PReLU', fields: [] },
  { type: 'Swish', title: 'Swish', fields: [] },
  { type: 'Tanh', title: 'Tanh', fields: [] },
  { type: 'Sigmoid', title: 'Sigmoid', fields: [] },
  {
    type: 'Dropout',
    title: 'Dropout',
    fields: [{ key: 'probability', label: 'share', min: 0, max: 0.9, step: 0.05, start: 0.25 }],
  },
  { type: 'BatchNormalization', title: 'Batch normalization', fields: [] },
  { type: 'BatchNormalization2D', title: 'Batch normalization 2D', fields: [] },
];

export function kindOf(type: string): LayerKind | undefined {
  return layerKinds.find((kind) => kind.type === type);
}

/** A new layer of a kind. */
export function createLayer({ type, fields, fixed }: LayerKind): LayerConfig {
  return { ...Object.fromEntries(fields.map(({ key, start }) => [key, start])), ...fixed, type };
}

/** Whether a value out of a link is a layer that the page could have made. */
export function isLayer(value: unknown): value is LayerConfig {
  if (typeof value !== 'object' || value === null) return false;
  const given = value as Record<string, unknown>;
  const kind = layerKinds.find(({ type }) => type === given['type']);
  if (kind === undefined) return false;
  const known = { ...createLayer(kind) };
  return (
    Object.keys(given).length === Object.keys(known).length &&
    Object.entries(kind.fixed ?? {}).every(([key, fixed]) => given[key] === fixed) &&
    kind.fields.every(({ key, min, max, step }) => {
      const number = given[key];
      if (typeof number !== 'number' || !(number >= min && number <= max)) return false;
      return step < 1 || Number.isInteger(number);
    })
  );
}
