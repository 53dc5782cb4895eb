import type { LayerConfig } from 'lamella';

/** A value of a setting: a number, a word of a choice, or the lengths of a shape. */
export type Setting = number | string | readonly number[];
type Settings = Readonly<Record<string, Setting>>;

interface Field<Value extends Setting> {
  readonly key: string;
  readonly label: string;
  /** For a new layer. */
  readonly start: Value;
  /** Left out of the configuration at this value, which the layer has anyway. */
  readonly usual?: Value;
}

export interface NumberField extends Field<number> {
  readonly kind: 'number';
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export interface ChoiceField extends Field<string> {
  readonly kind: 'choice';
  /** The label of each value. */
  readonly choices: Readonly<Record<string, string>>;
}

/** Lengths written as '8 × 7 × 7'. */
export interface ShapeField extends Field<readonly number[]> {
  readonly kind: 'shape';
}

export type LayerField = NumberField | ChoiceField | ShapeField;

export interface LayerKind {
  readonly type: string;
  readonly title: string;
  readonly fields: readonly LayerField[];
  /** Makes the configuration that the engine gets. */
  readonly create: (settings: Settings) => LayerConfig;
  /** The settings of a layer of this type; undefined where it has none that fit the fields. */
  readonly read: (config: LayerConfig) => Settings | undefined;
}

function whole(key: string, label: string, start: number, max: number): NumberField {
  return { kind: 'number', key, label, min: 1, max, step: 1, start };
}

/** A kind whose settings are the layer's arguments by name. */
function plain(type: string, title: string, ...fields: readonly LayerField[]): LayerKind {
  return {
    type,
    title,
    fields,
    create: (settings) => {
      const set = fields.filter(({ key, usual }) => usual === undefined || settings[key] !== usual);
      return { ...Object.fromEntries(set.map(({ key }) => [key, settings[key]])), type };
    },
    read: (config) =>
      Object.fromEntries(fields.map(({ key, usual }) => [key, config[key] ?? usual])) as Settings,
  };
}

/** Convolution with 3 × 3 kernels, normalized; 1e-5 as residual networks have it. */
const normalized = (outputDepth: number, stride: number): LayerConfig[] => [
  { type: 'Convolutional', outputDepth, kernelSize: 3, padding: 'same', stride, noBias: true },
  { type: 'BatchNormalization2D', epsilon: 1e-5 },
];

/**
 * The block of residual networks: two convolutions, and past them the input itself, or what 1 × 1
 * kernels make of it.
 */
export function residualBlock(outputDepth: number, stride = 1, past = 'input'): LayerConfig {
  const shortcut =
    past === 'input'
      ? {}
      : { shortcut: [{ type: 'Convolutional', outputDepth, kernelSize: 1, stride, noBias: true }] };
  return {
    layers: [...normalized(outputDepth, stride), { type: 'ReLU' }, ...normalized(outputDepth, 1)],
    ...shortcut,
    type: 'Residual',
  };
}

const residual: LayerKind = {
  type: 'Residual',
  title: 'Residual block',
  fields: [
    whole('outputDepth', 'kernels', 16, 64),
    whole('stride', 'stride', 1, 4),
    {
      kind: 'choice',
      key: 'past',
      label: 'past it',
      choices: { input: 'the input', kernels: '1 × 1 kernels' },
      start: 'kernels',
    },
  ],
  create: ({ outputDepth, stride, past }) =>
    residualBlock(outputDepth as number, stride as number, past as string),
  read: ({ layers, shortcut }) => {
    const [first] = Array.isArray(layers) ? (layers as LayerConfig[]) : [];
    const { outputDepth, stride } = Object(first) as Record<string, Setting>;
    if (outputDepth === undefined || stride === undefined) return undefined;
    return { outputDepth, stride, past: shortcut === undefined ? 'input' : 'kernels' };
  },
};

const slope: NumberField = {
  kind: 'number',
  key: 'alpha',
  label: 'slope',
  ...{ min: 0, max: 1, step: 0.01 },
  ...{ start: 0.01, usual: 0.01 },
};

/** The types of all layers that the package has, from the build. */
declare const __LAYER_TYPES__: readonly string[];

/** Layers that have settings here, or a title in words. */
const described: readonly LayerKind[] = [
  plain(
    'Convolutional',
    'Convolution',
    whole('outputDepth', 'kernels', 8, 64),
    whole('kernelSize', 'size', 3, 9),
    {
      kind: 'choice',
      key: 'padding',
      label: 'border',
      choices: { same: 'zeros', valid: 'cut off' },
      start: 'same',
    },
    { ...whole('stride', 'stride', 1, 4), usual: 1 },
    { ...whole('groups', 'groups', 1, 64), usual: 1 },
    { ...whole('dilation', 'dilation', 1, 4), usual: 1 },
  ),
  residual,
  plain('MaxPooling2D', 'Max pooling', whole('poolSize', 'size', 2, 8)),
  plain('AveragePooling2D', 'Average pooling', whole('poolSize', 'size', 2, 8)),
  plain('GlobalAveragePooling2D', 'Global average pooling'),
  plain('Reshape', 'Reshape', {
    kind: 'shape',
    key: 'targetShape',
    label: 'shape',
    start: [1, 28, 28],
  }),
  plain('Dense', 'Dense', whole('outputSize', 'outputs', 64, 1024)),
  plain('LeakyReLU', 'Leaky ReLU', slope),
  plain('PReLU', 'PReLU', slope),
  plain('Dropout', 'Dropout', {
    kind: 'number',
    key: 'probability',
    label: 'share',
    ...{ min: 0, max: 0.9, step: 0.05, start: 0.25 },
  }),
  plain('BatchNormalization', 'Batch normalization'),
  plain('BatchNormalization2D', 'Batch normalization 2D'),
  plain('LayerNormalization', 'Layer normalization'),
];

/** The layers that the page offers: all that the package has but Softmax, which the loss includes. */
export const layerKinds: readonly LayerKind[] = __LAYER_TYPES__
  .filter((type) => type !== 'Softmax')
  .map((type) => described.find((kind) => kind.type === type) ?? plain(type, type));

export function kindOf(type: string): LayerKind | undefined {
  return layerKinds.find((kind) => kind.type === type);
}

/** A new layer of a kind. */
export function createLayer({ fields, create }: LayerKind): LayerConfig {
  return create(Object.fromEntries(fields.map(({ key, start }) => [key, start])));
}

/** Most numbers in a layer's output that the page takes, so that no link can fill the memory. */
const mostNumbers = 65_536;

/** The lengths in a text such as '8 × 7 × 7'; undefined when it has none. */
export function parseShape(text: string): readonly number[] | undefined {
  const shape = text.split(/[\s×x,]+/u).filter((part) => part !== '');
  const lengths = shape.map(Number);
  return isShape(lengths) ? lengths : undefined;
}

function isShape(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    (value.length === 1 || value.length === 3) &&
    value.every((length) => Number.isInteger(length) && length >= 1) &&
    value.reduce((product: number, length: number) => product * length, 1) <= mostNumbers
  );
}

function isSetting(field: LayerField, value: unknown): boolean {
  if (field.kind === 'choice') {
    return typeof value === 'string' && Object.hasOwn(field.choices, value);
  }
  if (field.kind === 'shape') return isShape(value);
  if (typeof value !== 'number' || !(value >= field.min && value <= field.max)) return false;
  return field.step < 1 || Number.isInteger(value);
}

/** The same data, whatever the order of its names. */
export function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), b as Record<string, unknown>];
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === Object.keys(right).length &&
    left.every(([key, value]) => isSame(value, right[key]))
  );
}

/** Whether a value out of a link is a layer that the page could have made. */
export function isLayer(value: unknown): value is LayerConfig {
  if (typeof value !== 'object' || value === null) return false;
  const layer = value as LayerConfig;
  const kind = layerKinds.find(({ type }) => type === layer.type);
  const settings = kind?.read(layer);
  return (
    kind !== undefined &&
    settings !== undefined &&
    kind.fields.every((field) => isSetting(field, settings[field.key])) &&
    isSame(kind.create(settings), layer)
  );
}
