import type { OnnxConverter } from '../io/onnx/layer.js';
import type { ArgumentNames, TypeName } from '../registry.js';
import { native } from '../runtime/init.js';
import { checkArray, checkOptions, checkShape } from '../runtime/checks.js';
import { disposePart } from '../lending.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';
import { withNativeLayers } from './chain.js';
import { checkLayer, type Config, type Layer, layerToConfig } from './layer.js';

/** Options of {@link Residual}. */
export interface ResidualOptions extends LayerOptions {
  /**
   * Layers that turn the input into the shape of the output, such as a
   * convolution with kernels of 1 pixel and the stride of the block. Default
   * none: the input itself.
   */
  readonly shortcut?: readonly Layer[] | undefined;
}

/**
 * Adds to what some layers make of the input the input itself, or what a
 * shortcut makes of it: the block of residual networks (He, Zhang, Ren, Sun,
 * "Deep residual learning for image recognition", 2016, equations 1 and 2).
 * Parameters and state are named after the layers': `layers_0_kernels`,
 * `shortcut_0_kernels`.
 *
 * @example new Residual([
 *   new Convolutional(32, 3, { padding: 'same', stride: 2 }), new BatchNormalization2D(), new ReLU(),
 *   new Convolutional(32, 3, { padding: 'same' }), new BatchNormalization2D(),
 * ], { shortcut: [new Convolutional(32, 1, { stride: 2 })] })
 */
export class Residual extends BuiltInLayer {
  static override readonly type: TypeName<'Residual'> = 'Residual';
  static override readonly positional: ArgumentNames<['layers']> = ['layers'];
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('Add', [layer.chain('layers'), layer.chain('shortcut')]);

  /** @internal */
  static fromConfig(
    { layers, shortcut = [], ...options }: Config,
    create: (config: unknown) => Layer,
  ): Residual {
    const made: Layer[] = [];
    const chain = (name: string, configs: unknown): Layer[] => {
      checkArray(`Residual: ${name}`, configs);
      return configs.map((config) => {
        const layer = create(config);
        checkLayer('Residual', layer);
        made.push(layer);
        return layer;
      });
    };
    try {
      return new this(chain('layers', layers), {
        ...options,
        shortcut: chain('shortcut', shortcut),
      });
    } catch (error) {
      for (const layer of made) layer.dispose();
      throw error;
    }
  }

  /** The layers whose output the shortcut's is added to. */
  readonly layers: readonly Layer[];
  /** The layers of the shortcut, none for the input itself. */
  readonly shortcut: readonly Layer[];

  /**
   * @param layers - At least one layer.
   * @throws {@link ValueError} when there is no layer or one appears twice, and for an unknown
   * option, {@link ArgumentTypeError} for anything but layers. `build()` throws
   * {@link ShapeError} unless both ways lead to the same shape.
   */
  constructor(layers: readonly Layer[], options: ResidualOptions = {}) {
    const checks = { shortcut: checkArray, inputShape: checkShape };
    const { shortcut = [], inputShape } = checkOptions('Residual', options, checks);
    checkArray('Residual: layers', layers);
    const inner = [...layers, ...shortcut];
    super(options, 'shortcut', {}, () =>
      withNativeLayers('Residual', inner, (all) =>
        native('Residual').createResidual(all, layers.length, inputShape),
      ),
    );
    this.layers = Object.freeze([...layers]);
    this.shortcut = Object.freeze([...shortcut]);
    this.#inputShape = inputShape;
  }

  readonly #inputShape: readonly number[] | undefined;

  /** @internal */
  override get parts(): Readonly<Record<string, readonly Layer[]>> {
    return { layers: this.layers, shortcut: this.shortcut };
  }

  /** Whether training changes the layers inside, as last set here. Default true. */
  override get trainable(): boolean {
    return super.trainable;
  }

  /** Freezes or thaws every layer inside. */
  override set trainable(trainable: boolean) {
    super.trainable = trainable;
    for (const layer of [...this.layers, ...this.shortcut]) layer.trainable = trainable;
  }

  /** Class names and constructor arguments of the layers inside, and the input shape if given. */
  override getConfig(): Config {
    return {
      type: this.type,
      layers: this.layers.map(layerToConfig),
      ...(this.shortcut.length > 0 && { shortcut: this.shortcut.map(layerToConfig) }),
      ...(this.#inputShape && { inputShape: this.#inputShape }),
    };
  }

  /** Frees the layers inside as well. */
  override dispose(): void {
    super.dispose();
    for (const layer of [...this.layers, ...this.shortcut]) disposePart(layer);
  }
}
