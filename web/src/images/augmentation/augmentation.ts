import { type Config, Layer, type Shape, Tensor, type TensorData, zeros } from '../../index.js';
import {
  type Check,
  checkBoolean,
  checkOptions,
  optionsOf,
  reject,
  toShape,
  wholeNumber,
} from '../../runtime/checks.js';
import { ShapeError, showShape, StateError, ValueError } from '../../runtime/errors.js';
import { checkEngine } from '../check-engine.js';
import type { Bounds } from './options.js';
import { philox, type Words } from './philox.js';

/** Options that every augmentation takes. */
export interface AugmentationOptions {
  /**
   * Whole number from which the draws follow: one seed, one result. Layers of different classes draw
   * different numbers from the same one; two of one class in a model want seeds of their own. Default 0.
   */
  readonly seed?: number | undefined;
}

/** Sizes of one image. */
export interface ImageSize {
  /** Number of planes. */
  readonly channels: number;
  /** Number of rows. */
  readonly height: number;
  /** Pixels in a row. */
  readonly width: number;
}

/** Constructor arguments of an augmentation, for the class that all of them extend. */
interface Arguments {
  /** The arguments that stand before the options, by name. */
  readonly named: Config;
  /** The number of these that cannot be left out. */
  readonly required: number;
  readonly options: object;
  /** The values of options that are not given; the first is the one that an error shows as an example. */
  readonly defaults: Config;
  /** A check for every argument there is, those before the options first. */
  readonly checks: Readonly<Record<string, Check>>;
}

/** Floats hold whole numbers up to this, so that a position takes two. */
const digit = 2 ** 24;

/** The number of positions there are: the first one follows the last. */
const positions = digit ** 2;

/**
 * The number that keeps the draws of augmentations apart from those of the engine: base/random.h gives
 * 1 to 3 to its own purposes.
 */
const augmentationPurpose = 4;

/** Numbers from [0, 1), one for each thing that a layer draws for an image. */
export type Draws = readonly [number, number, number, number];

/** A number between the bounds of a factor: the lower one for a draw of 0. */
export function between([lower, upper]: Bounds, draw: number): number {
  return lower + (upper - lower) * draw;
}

/**
 * Base class of the layers that change images [N, C, H, W] at random, each of a batch in its own way,
 * while a model trains, and return their input in inference.
 *
 * The draws for an image follow from `seed` and the number of images that came before it in training,
 * which is the layer's `state`: a checkpoint goes on where it was.
 */
export abstract class Augmentation<Change> extends Layer {
  /** The arguments that the constructor takes before the options, in order. */
  static override readonly positional: readonly string[] = [];

  readonly #config: Config;
  readonly #seed: number;
  readonly #stream: number;
  // Users see it as state, and files are copied into it, so it is a tensor: the lower and the upper digit.
  readonly #position: Tensor;
  #last:
    { readonly shape: Shape; readonly input?: Tensor; readonly changes?: Change[] } | undefined;
  #sample: Shape | undefined;

  /**
   * @internal
   * @param stream - Number of the class, so that each class draws numbers of its own.
   */
  constructor(stream: number, { named, required, options, defaults, checks }: Arguments) {
    super();
    const own = optionsOf(this.type, options, Object.keys(defaults)[0]);
    for (const [name, value] of Object.entries(named)) {
      if (own[name] === undefined || own[name] === value) continue;
      throw new ValueError(`${this.type}: ${name} is given twice, as an argument and as an option`);
    }
    const seed: Check = (what, value) => wholeNumber(what, value, 0);
    // A list is read once, here: what is checked is what is used, whatever the caller's list does.
    const ownArguments = copied({ ...own, ...named });
    const given = checkOptions(this.type, ownArguments, { ...checks, seed }, required);
    const all: Config = { ...defaults, seed: 0 };
    for (const [name, value] of Object.entries(given)) if (value !== undefined) all[name] = value;
    this.#config = all;
    this.#seed = all['seed'] as number;
    this.#stream = stream;
    checkEngine(this.type);
    this.#position = zeros([2]);
  }

  /** The number that the draws follow from. */
  get seed(): number {
    return this.#seed;
  }

  /** Images of the last forward pass, if that was one of training. */
  override get input(): Tensor | undefined {
    return this.#last?.input;
  }

  /** It is not kept. */
  override get output(): undefined {
    return undefined;
  }

  /**
   * The number n of images that the layer has changed, as `position`: [n mod 2^24, floor(n / 2^24)].
   * After 2^48 images it is [0, 0] again, and so are the draws. Assigning copies it in, and throws
   * {@link ValueError} unless both are whole numbers from 0 to 2^24 - 1.
   */
  override get state(): Record<string, Tensor> {
    return { position: this.#position };
  }

  override set state(values: Record<string, Tensor | TensorData>) {
    const before = this.#position.toArray();
    super.state = values;
    try {
      this.#readPosition();
    } catch (error) {
      this.#position.set(before);
      throw error;
    }
  }

  /**
   * Configures the layer for images of `inputShape`.
   * @throws {@link ShapeError} unless that is [channels, height, width].
   */
  override build(inputShape: number | Shape): void {
    const sample = toShape(`${this.type}: inputShape`, inputShape);
    if (sample.length !== 3) {
      throw new ShapeError(
        `${this.type}: takes images [channels, height, width], got inputShape ${showShape(sample)}`,
      );
    }
    super.build(sample);
    this.#sample = sample;
  }

  /**
   * Changes each image in training, and returns the input itself in inference.
   * @param input - Shape [N, C, H, W].
   * @param training - Whether to change anything. Default true.
   * @returns Of the same shape.
   * @throws {@link ShapeError} for another shape, {@link StateError} after `dispose()`,
   * {@link ValueError} for a position that is none, which a file may have brought.
   */
  override forward(input: Tensor, training = true): Tensor {
    const shape = this.#checkInput(input);
    checkBoolean(`${this.type}: training`, training);
    if (!training) {
      this.#last = { shape };
      return input;
    }
    const [count = 0, channels = 0, height = 0, width = 0] = shape;
    const size = { channels, height, width };
    const position = this.#readPosition();
    if (count > 0) this.checkImage?.(input.view().subarray(0, input.size / count));
    // Before the random numbers move on. A copy takes half the time of zeros, and images that stay as
    // they are need no other.
    const output = input.clone();
    const changes = Array.from({ length: count }, (_, i) =>
      this.change(this.#draw((position + i) % positions), size),
    );
    const next = (position + count) % positions;
    this.#position.set([next % digit, Math.floor(next / digit)]);
    this.#last = { shape, input, changes };
    this.#each(input, output, (from, to, i) => {
      this.applyTo(from, to, changes[i] as Change, size);
    });
    return output;
  }

  /**
   * The gradient of the loss with respect to the last input.
   * @throws {@link ShapeError} unless the gradient has the input's shape, {@link StateError} before any
   * `forward()`.
   */
  override backward(outputGradient: Tensor): Tensor {
    const { type } = this;
    if (this.#last === undefined) throw new StateError(`${type}: backward() before forward()`);
    if (!(outputGradient instanceof Tensor)) {
      reject(`${type}: output gradient`, 'a Tensor', outputGradient);
    }
    const { shape, changes } = this.#last;
    if (outputGradient.shape.join() !== shape.join()) {
      throw new ShapeError(
        `${type}: output gradient has shape ${showShape(outputGradient.shape)}, ` +
          `expected ${showShape(shape)}`,
      );
    }
    if (changes === undefined) return outputGradient;
    const [, channels = 0, height = 0, width = 0] = shape;
    const inputGradient = zeros(shape);
    this.#each(outputGradient, inputGradient, (from, to, i) => {
      this.applyGradient(from, to, changes[i] as Change, { channels, height, width }, i);
    });
    return inputGradient;
  }

  /** The name of the class as `type`, and all constructor arguments by name. */
  override getConfig(): Config {
    return { ...copied(this.#config), type: this.type };
  }

  override dispose(): void {
    this.#position.dispose();
    this.#last = undefined;
  }

  /** @internal Throws unless the first image of a batch is one that the layer is made for. */
  protected checkImage?(image: Float32Array): void;

  /** @internal Turns the numbers drawn for an image into the change that is made to it. */
  protected abstract change(draws: Draws, size: ImageSize): Change;

  /** @internal Changes a copy of an image. */
  protected abstract applyTo(
    image: Float32Array,
    output: Float32Array,
    change: Change,
    size: ImageSize,
  ): void;

  /**
   * @internal Adds the gradient of an image to zeros.
   * @param i - Its place in the batch.
   */
  protected abstract applyGradient(
    outputGradient: Float32Array,
    inputGradient: Float32Array,
    change: Change,
    size: ImageSize,
    i: number,
  ): void;

  #checkInput(input: Tensor): Shape {
    const { type } = this;
    if (!(input instanceof Tensor)) reject(`${type}: input`, 'a Tensor', input);
    if (this.#position.disposed) throw new StateError(`${type}: used after dispose()`);
    const { shape } = input;
    const sample = this.#sample;
    const fits = sample ? shape.slice(1).join() === sample.join() : shape.length === 4;
    if (fits && shape.length > 0) return shape;
    const wanted = sample ? ['batch', ...sample] : ['batch', 'channels', 'height', 'width'];
    throw new ShapeError(
      `${type}: input has shape ${showShape(shape)}, expected ${showShape(wanted)}`,
    );
  }

  #readPosition(): number {
    const digits = Array.from(this.#position.view());
    const [lower = 0, upper = 0] = digits;
    if (digits.every((each) => Number.isInteger(each) && each >= 0 && each < digit)) {
      return lower + digit * upper;
    }
    throw new ValueError(
      `${this.type}: state.position must be two whole numbers below 2^24, got [${digits.join(', ')}]`,
    );
  }

  #draw(position: number): Draws {
    const halves = (value: number) => [value >>> 0, Math.floor(value / 2 ** 32)] as const;
    const counter: Words = [...halves(position), this.#stream, augmentationPurpose];
    const words = philox(counter, halves(this.#seed));
    return words.map((word) => word / 2 ** 32) as unknown as Draws;
  }

  /** Calls `use` with the numbers of each image and of its result. */
  #each(
    input: Tensor,
    output: Tensor,
    use: (from: Float32Array, to: Float32Array, i: number) => void,
  ): void {
    const [from, to] = [input.view(), output.view()];
    const [count = 0] = input.shape;
    const length = from.length / count;
    for (let i = 0; i < count; i++) {
      const [start, end] = [i * length, (i + 1) * length];
      use(from.subarray(start, end), to.subarray(start, end), i);
    }
  }
}

/** Arguments with lists of their own. */
function copied(config: Config): Config {
  const entries = Object.entries(config).map(([name, value]) => [
    name,
    Array.isArray(value) ? [...(value as unknown[])] : value,
  ]);
  return Object.fromEntries(entries) as Config;
}
