import { axisOf } from '../../axis.js';
import { windowsOf } from '../../layers/windows.js';
import type { Shape } from '../../shape.js';
import type { Arrays, LayerSnapshot } from '../layer-snapshot.js';
import type { Attribute, Graph } from './graph.js';

/**
 * Adds a layer's operators to a graph and returns the name of its output; a text is the name of the
 * one operator without attributes that the layer is.
 */
export type OnnxConverter = string | ((layer: OnnxLayer) => string);

/** Adds a layer with this input, the names of whose constants begin with a prefix. */
export type AddLayer = (layer: LayerSnapshot, input: string, prefix: string) => string;

/** A layer that becomes operators of a graph. */
export class OnnxLayer {
  /**
   * @param input - Name of the layer's input.
   * @param prefix - In front of the names of its constants, as in .safetensors files.
   * @param addLayer - For layers inside.
   */
  constructor(
    readonly snapshot: LayerSnapshot,
    private readonly graph: Graph,
    readonly input: string,
    private readonly prefix: string,
    private readonly addLayer: AddLayer,
  ) {}

  /** A layer inside this one. */
  inner(layer: LayerSnapshot, input: string, prefix: string): OnnxLayer {
    return new OnnxLayer(layer, this.graph, input, this.prefix + prefix, this.addLayer);
  }

  /** Shape of a sample going in. */
  get inputShape(): Shape {
    return this.snapshot.inputShape;
  }

  /** A constructor argument. */
  setting(name: string): unknown {
    return this.snapshot.config[name];
  }

  /** A constructor argument that is a number. */
  number(name: string, missing?: number): number {
    return (this.setting(name) ?? missing) as number;
  }

  /** The attributes that say where windows lie; `sizeName` is the argument that says their size. */
  windows(sizeName: string): Record<string, readonly number[]> {
    const { config } = this.snapshot;
    const { size, stride, dilation, padding } = windowsOf(config, sizeName, () => this.inputShape);
    const [[top, bottom], [left, right]] = padding;
    const attributes = { kernel_shape: size, strides: stride, pads: [top, left, bottom, right] };
    // Pools have none, and opset 17 knows none for means.
    return 'dilation' in config ? { ...attributes, dilations: dilation } : attributes;
  }

  /** Index within a sample of the axis along which the layer works. */
  get axis(): number {
    return axisOf(this.inputShape, this.setting('axis') as number | undefined);
  }

  /** Adds operators that work along the last axis, with what brings the layer's there and back. */
  alongLast(operators: (input: string) => string): string {
    const [from, last] = [this.axis + 1, this.inputShape.length];
    const perm = Array.from({ length: last + 1 }, (_, i) => i);
    [perm[from], perm[last]] = [last, from];
    const swap = (value: string): string =>
      from === last ? value : this.node('Transpose', [value], { perm });
    return swap(operators(swap(this.input)));
  }

  /** Adds an operator; returns the name of its output. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
  ): string {
    return this.graph.node(operator, inputs, attributes);
  }

  /** Adds a constant of one number, which works with every shape. */
  scalar(name: string, value: number): string {
    return this.graph.scalar(this.prefix + name, value);
  }

  /** Adds a clipping of the input. */
  clip(least: number, greatest: number): string {
    const bounds = [this.scalar('least', least), this.scalar('greatest', greatest)];
    return this.node('Clip', [this.input, ...bounds]);
  }

  /** Adds a constant that is a shape. */
  shape(name: string, shape: Shape): string {
    return this.graph.shape(this.prefix + name, shape);
  }

  /** Adds all parameters, each under its own shape or the one given. */
  parameters(shape?: Shape): string[] {
    return this.#constants(this.snapshot.params, this.prefix, shape);
  }

  /** Adds all states, as {@link parameters}. */
  states(shape?: Shape): string[] {
    return this.#constants(this.snapshot.state, `${this.prefix}state_`, shape);
  }

  /** Adds a product with the weights along the features, and the biases. */
  dense(): string {
    const [weights = '', ...biases] = this.parameters();
    if (this.inputShape.length === 1) return this.node('Gemm', [this.input, weights, ...biases]);
    return this.alongLast((input) => {
      const product = this.node('MatMul', [input, weights]);
      return biases.length === 0 ? product : this.node('Add', [product, ...biases]);
    });
  }

  /** Adds a normalization of all numbers of a sample, or of those along an axis. */
  layerNormalization(): string {
    const { inputShape } = this;
    const normalize = (input: string, axis: number, shape: Shape): string =>
      this.node('LayerNormalization', [input, ...this.parameters(shape)], {
        axis,
        epsilon: { float: this.number('epsilon') },
      });
    if (this.setting('axis') === undefined) return normalize(this.input, 1, inputShape);
    return this.alongLast((input) =>
      normalize(input, inputShape.length, [inputShape[this.axis] as number]),
    );
  }

  /**
   * Adds GELU in its tanh form: x / 2 (1 + tanh(z / 2)) is x sigmoid(z), here with
   * z = 2 sqrt(2 / pi) (x + 0.044715 x^3).
   */
  gelu(): string {
    const { input } = this;
    const scale = 2 * Math.sqrt(2 / Math.PI);
    const linear = this.scalar('linear', scale);
    const cubic = this.scalar('cubic', scale * 0.044715);
    const square = this.node('Mul', [input, input]);
    const slope = this.node('Add', [this.node('Mul', [square, cubic]), linear]);
    const sigmoid = this.node('Sigmoid', [this.node('Mul', [input, slope])]);
    return this.node('Mul', [input, sigmoid]);
  }

  /** Adds a layer inside this one; gives the name of its output. */
  add(layer: LayerSnapshot, input: string, prefix: string): string {
    return this.addLayer(layer, input, this.prefix + prefix);
  }

  /** Adds the layers that an argument has, in a row. */
  chain(name: string): string {
    const { [name]: layers = [] } = this.snapshot.parts;
    return layers.reduce((value, layer, i) => this.add(layer, value, `${name}_${i}_`), this.input);
  }

  #constants(arrays: Arrays, prefix: string, shape: Shape | undefined): string[] {
    return Object.entries(arrays).map(([name, array]) =>
      this.graph.constant(prefix + name, { ...array, shape: shape ?? array.shape }),
    );
  }
}
