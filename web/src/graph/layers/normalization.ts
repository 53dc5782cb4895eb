import { type AxisOptions, axisOf } from '../../axis.js';
import type { KerasConverters, KerasLayer } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { Config } from '../../layers/layer.js';
import type { TypeName } from '../../registry.js';
import { ShapeError, showShape, StateError, ValueError } from '../../runtime/errors.js';
import { type Shape, sizeOf } from '../../shape.js';
import { Tensor, type TensorData, tensorFrom } from '../../tensor.js';

/** Options of {@link Normalization}; `axis` is that of the channels or features. */
export interface NormalizationOptions extends LayerOptions, AxisOptions {
  /** The mean of each channel, or one for all. With `variance`, and in the place of `adapt()`. */
  readonly mean?: number | readonly number[] | undefined;
  /** The variance of each channel, or one for all, at least 0. With `mean`. */
  readonly variance?: number | readonly number[] | undefined;
}

/**
 * The mean of each channel of data [outer, centres.length, inner], or that of the squares of what is left
 * beside its centre, in float64.
 */
function channelMeans(
  data: Float32Array,
  inner: number,
  centres: Float64Array,
  squared: boolean,
): Float64Array {
  const size = centres.length;
  const means = new Float64Array(size);
  for (let start = 0, c = 0; start < data.length; start += inner, c = c + 1 === size ? 0 : c + 1) {
    const centre = centres[c] as number;
    let sum = 0;
    for (let i = start; i < start + inner; i++) {
      const left = (data[i] as number) - centre;
      sum += squared ? left * left : left;
    }
    means[c] = (means[c] as number) + sum;
  }
  return means.map((sum) => (sum * size) / data.length);
}

/** Of Keras's layer: mean and variance are settings, numbers or lists of them, or else arrays. */
function fromKeras(layer: KerasLayer): Config {
  const axis = layer.onlyAxis();
  const channels = layer.shape[axis] as number;
  layer.wants('invert', false);
  const option = layer.axisOption(axis);
  const given: Config = {};
  for (const name of ['mean', 'variance']) {
    const value = layer.setting(name);
    if (value === undefined) {
      layer.load(`state_${name}`, [1, channels], name, [channels]);
      continue;
    }
    if (typeof value === 'object' && layer.flow.flattened !== undefined) {
      throw layer.unsupported(`${name} must not be a list after a Flatten of images`);
    }
    // A file has a layer's state beside its options.
    const data = new Float32Array(channels).fill(value as number);
    if (Array.isArray(value)) data.set((value as number[]).slice(0, channels));
    layer.arrays[`state_${name}`] = { shape: [1, channels], data };
    given[name] = value;
  }
  return { ...option, ...given };
}

/**
 * Brings each channel or feature to mean 0 and deviation 1, by a mean and a variance that are known from
 * the data beforehand: (x - mean) / max(sqrt(variance), 1e-7), as Keras does it. They are the layer's state,
 * `mean` and `variance`, which training does not change; 0 and 1 until `adapt()`. [N, ...] to the same shape.
 * @example
 * const normalization = new Normalization();
 * normalization.adapt(images); // a tensor [N, channels, height, width]
 * const model = new Model([normalization, new Flatten(), new Dense(10)], options);
 */
export class Normalization extends BuiltInLayer {
  static override readonly type: TypeName<'Normalization'> = 'Normalization';
  static override readonly onnx: OnnxConverter = (layer) => {
    const along = layer.inputShape.slice(layer.axis).map((size, i) => (i === 0 ? size : 1));
    const [mean = '', variance = ''] = layer.states(along);
    const deviation = layer.node('Max', [
      layer.node('Sqrt', [variance]),
      layer.scalar('least', 1e-7),
    ]);
    return layer.node('Div', [layer.node('Sub', [layer.input, mean]), deviation]);
  };
  static override readonly keras: KerasConverters = { Normalization: fromKeras };

  /**
   * @throws {@link ValueError} unless mean and variance are finite, variances at least 0, and both or none
   * are given. `build()` throws {@link ShapeError} for lists that have not a number for each channel.
   */
  constructor(options: NormalizationOptions = {}) {
    super(options, 'mean');
  }

  /** The axis of the channels, if it was given. */
  get axis(): number | undefined {
    return this.getConfig()['axis'] as number | undefined;
  }

  /** Mean of each channel [1, channels], live. */
  get mean(): Tensor {
    return this.#state('mean');
  }

  /** Biased variance of each channel [1, channels], live. */
  get variance(): Tensor {
    return this.#state('variance');
  }

  /**
   * Sets mean and variance to those of data, over all but the channels; builds the layer if it is not.
   * @param data - Samples [N, ...inputShape], a tensor or nested arrays; other sizes than the layer was
   * built for are fine where they are not along the axis.
   * @throws {@link ShapeError} when the data do not fit, {@link ValueError} when there are none or they are
   * not finite, {@link StateError} when mean and variance were given to the constructor. Then nothing is
   * changed.
   */
  adapt(data: Tensor | TensorData): void {
    if ('mean' in this.getConfig()) {
      throw new StateError(
        'Normalization: adapt() would change the mean that was given as an option',
      );
    }
    if (data instanceof Tensor) {
      this.#adapt(data);
      return;
    }
    const copy = tensorFrom('Normalization: data', data);
    try {
      this.#adapt(copy);
    } finally {
      copy.dispose();
    }
  }

  #adapt(data: Tensor): void {
    const { shape } = data;
    const sample = shape.slice(1);
    if (data.size === 0) {
      throw new ValueError(`Normalization: data must not be empty, got shape ${showShape(shape)}`);
    }
    const known = this.#knownShape();
    const axis = axisOf(known ?? sample, this.axis);
    const channels = sample[axis];
    // Throws for samples without such an axis.
    if (known === undefined && channels === undefined) this.build(sample);
    if (known !== undefined && (sample.length !== known.length || channels !== known[axis])) {
      throw new ShapeError(
        `Normalization: data must have the channels of samples ${showShape(known)}, ` +
          `got shape ${showShape(shape)}`,
      );
    }
    const numbers = data.view();
    const inner = sizeOf(sample.slice(axis + 1));
    const mean = channelMeans(numbers, inner, new Float64Array(channels as number), false);
    const variance = channelMeans(numbers, inner, mean, true);
    const bad = mean.findIndex(
      (value, i) => !Number.isFinite(Math.fround(value + (variance[i] as number))),
    );
    if (bad >= 0) {
      throw new ValueError(
        `Normalization: data must be finite numbers, got mean ${mean[bad]} and variance ` +
          `${variance[bad]} for channel ${bad}`,
      );
    }
    if (known === undefined) this.build(sample);
    this.state = { mean: [Array.from(mean)], variance: [Array.from(variance)] };
  }

  /** Shape of a sample going in, undefined before `build()`. */
  #knownShape(): Shape | undefined {
    try {
      return this.inputShape;
    } catch (error) {
      if (error instanceof StateError) return undefined;
      throw error;
    }
  }

  #state(name: string): Tensor {
    const { [name]: found, ...others } = this.state;
    for (const other of Object.values(others)) other.dispose();
    return found as Tensor;
  }
}
