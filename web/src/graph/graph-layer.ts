import type { LayerSnapshot } from '../io/layer-snapshot.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import { withNativeLayers } from '../layers/chain.js';
import { BuiltInLayer } from '../layers/built-in-layer.js';
import { checkLayer, type Config, type Layer, layerToConfig } from '../layers/layer.js';
import { layers } from '../layers/registry.js';
import { countUse, disposePart } from '../lending.js';
import type { TypeName } from '../registry.js';
import { checkArray, checkNames, checkShape, reject, wholeNumber } from '../runtime/checks.js';
import { ValueError } from '../runtime/errors.js';
import { native } from '../runtime/init.js';
import type { NativeLayer } from '../runtime/native.js';
import { type Shape, sizeOf } from '../shape.js';
import type { MergeLayer } from './layers/merging.js';
import { isMerge, twinOf } from './symbolic-tensor.js';

/** An input or output of a graph. */
export interface Port {
  readonly name: string;
  /** Of a sample. */
  readonly shape: Shape;
}

/** A use of a layer: its number among the layers, and those of the values that it takes. */
export type GraphCall = readonly [layer: number, values: readonly number[]];

/**
 * The parts of a graph. Values are numbered: the input, which holds all inputs one behind the other
 * where there are several, is 0, and what the i-th call makes i + 1. The last one is the output, in
 * which all outputs stand.
 */
export interface GraphParts {
  /** In the order of their first calls; behind them the layers of `heads`. */
  readonly layers: readonly Layer[];
  readonly calls: readonly GraphCall[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Whether inputs, and outputs, were given by name. */
  readonly named: readonly [inputs: boolean, outputs: boolean];
  /** Number of the layer, left to the loss, that an output's activation is; -1 for none. */
  readonly heads: readonly number[];
}

const names = ['layers', 'calls', 'inputs', 'outputs', 'named', 'heads'] as const;

/** @throws {@link ValueError} or {@link ArgumentTypeError} unless the calls are those of so many layers. */
function checkCalls(calls: readonly unknown[], layers: number): asserts calls is GraphCall[] {
  let next = 0;
  const read = new Set<number>();
  for (const [i, call] of calls.entries()) {
    const what = `Graph: calls[${i}]`;
    checkArray(what, call);
    const [layer, values] = call;
    checkArray(`${what}[1]`, values);
    const number = wholeNumber(`${what}[0]`, layer, 0);
    if (number > next || number >= layers) {
      throw new ValueError(
        `${what}[0] must be at most ${Math.min(next, layers - 1)}, got ${number}`,
      );
    }
    if (number === next) next++;
    if (values.length === 0) throw new ValueError(`${what} takes no value`);
    for (const value of values) {
      const own = wholeNumber(`${what}[1]`, value, 0);
      if (own > i) throw new ValueError(`${what}[1] must be at most ${i}, got ${own}`);
      read.add(own);
    }
  }
  if (next === 0) throw new ValueError('Graph: needs at least one call');
  for (let value = 0; value < calls.length; value++) {
    if (!read.has(value)) throw new ValueError(`Graph: nothing takes value ${value}`);
  }
}

/** @throws {@link ValueError} unless parts that a file has fit together, whose kinds are checked. */
function checkParts({ layers, calls, inputs, outputs, heads }: GraphParts): void {
  const fail = (what: string): never => {
    throw new ValueError(`Graph: ${what}`);
  };
  const typeOf = (call: number): string | undefined => layers[calls.at(call)?.[0] ?? -1]?.type;
  const count = (type: string): number => layers.filter((layer) => layer.type === type).length;
  const several = inputs.length > 1 ? inputs.length : 0;
  const isUnpacked = inputs.every((_, i) => several === 0 || typeOf(i) === 'Unpack');
  if (count('Unpack') !== several || !isUnpacked)
    fail('the first layers must take the inputs apart');
  const isPacked = outputs.length > 1;
  const last = isPacked ? calls.at(-1)?.[1].length : outputs.length;
  if (
    count('Pack') !== Number(isPacked) ||
    (isPacked && typeOf(-1) !== 'Pack') ||
    last !== outputs.length
  ) {
    fail('the last layer must bring the outputs together');
  }
  for (const [i, [number, values]] of calls.entries()) {
    const layer = layers[number] as Layer;
    const takesOne = !(layer instanceof BuiltInLayer) || !isMerge(layer);
    if (takesOne && values.length !== 1) fail(`calls[${i}]: ${layer.type} takes one value`);
  }
  const called = new Set(calls.map(([number]) => number)).size;
  if (heads.length !== outputs.length) fail('there must be a head for each output');
  if (heads.some((head) => head >= layers.length)) fail('a head is no layer');
  for (let number = called; number < layers.length; number++) {
    if (!heads.includes(number)) fail(`nothing uses layer ${number}`);
  }
}

function checkPorts(what: string, ports: unknown): asserts ports is readonly Port[] {
  checkArray(what, ports);
  if (ports.length === 0) throw new ValueError(`${what} must not be empty`);
  for (const port of ports) {
    const { name, shape } = checkNames(what, port, ['name', 'shape']);
    if (typeof name !== 'string') reject(`${what}: name`, 'a string', name);
    checkShape(`${what}: shape`, shape);
  }
}

/** The shape that all of an end's values have as one. */
export function packedShape(ports: readonly Port[]): Shape {
  const [first] = ports as [Port];
  return ports.length === 1 ? first.shape : [ports.reduce((n, { shape }) => n + sizeOf(shape), 0)];
}

/**
 * Makes the engine's graph. Adds the layers that do the calls to `doers`, and those among them that do
 * further calls of another one to `twins`.
 */
function createNative(
  { layers, calls }: GraphParts,
  doers: Layer[],
  twins: BuiltInLayer[],
): NativeLayer {
  const used = new Set(calls.map(([layer]) => layer));
  try {
    return withNativeLayers('Graph', layers.slice(0, used.size), (all) => {
      const natives = calls.map(([number]) => {
        const layer = layers[number] as Layer;
        if (used.delete(number)) {
          doers.push(layer);
          return all[number] as NativeLayer;
        }
        const twin = twinOf(layer);
        twins.push(twin);
        doers.push(twin);
        return twin.native;
      });
      const numbers = calls.flatMap(([layer, values]) => [layer, values.length, ...values]);
      return native('Graph').createGraph(all, natives, numbers);
    });
  } catch (error) {
    for (const twin of twins) twin.dispose();
    throw error;
  }
}

/** Adds the operators of a graph's layers, but for a single output's head, which the loss adds. */
const graphToOnnx: OnnxConverter = (graph) => {
  const { layers: all = [] } = graph.snapshot.parts;
  const heads = graph.setting('heads') as readonly number[];
  const values = [graph.input];
  for (const [i, [number, taken]] of (graph.setting('calls') as readonly GraphCall[]).entries()) {
    const layer = all[number] as LayerSnapshot;
    const inputs = taken.map((value) => values[value] as string);
    const Class = layers.builtIn.get(layer.config.type) as Partial<typeof MergeLayer> | undefined;
    // Another prefix for each call, since names of constants must differ.
    const prefix = `call_${i}_layers_${number}_`;
    if (Class?.onnxMerge === undefined) {
      values.push(graph.add(layer, inputs[0] as string, prefix));
      continue;
    }
    const isEnd = layer.config.type === 'Pack';
    const ends = inputs.map((value, output) => {
      const head = isEnd ? (heads[output] ?? -1) : -1;
      return head < 0 ? value : graph.add(all[head] as LayerSnapshot, value, `head_${output}_`);
    });
    values.push(Class.onnxMerge(graph.inner(layer, graph.input, prefix), ends));
  }
  return values.at(-1) as string;
};

/** A graph of layers, which is one layer of a model. */
export class GraphLayer extends BuiltInLayer {
  static override readonly type: TypeName<'Graph'> = 'Graph';
  static override readonly onnx: OnnxConverter = graphToOnnx;

  /** @internal */
  static fromConfig(config: Config, create: (config: unknown) => Layer): GraphLayer {
    // Files say the first layer's input shape, which is that of the inputs.
    const own = { ...config };
    delete own['inputShape'];
    const { layers, ...others } = checkNames('Graph', own, names);
    checkArray('Graph: layers', layers);
    const made: Layer[] = [];
    try {
      for (const each of layers) {
        const layer = create(each);
        checkLayer('Graph', layer);
        made.push(layer);
      }
      const { calls, inputs, outputs, named, heads } = others;
      checkArray('Graph: calls', calls);
      checkArray('Graph: heads', heads);
      checkArray('Graph: named', named);
      checkPorts('Graph: inputs', inputs);
      checkPorts('Graph: outputs', outputs);
      for (const head of heads) wholeNumber('Graph: heads', head, -1);
      if (named.length !== 2 || named.some((each) => typeof each !== 'boolean')) {
        throw new ValueError('Graph: named must be two of true and false');
      }
      checkCalls(calls, layers.length);
      const parts = { layers: made, calls, inputs, outputs, named, heads } as unknown as GraphParts;
      checkParts(parts);
      return new this(parts);
    } catch (error) {
      for (const layer of made) layer.dispose();
      throw error;
    }
  }

  /** The parts that it was made of. */
  readonly graph: GraphParts;
  /** For each call the layer that does it: its own, or for further calls of one its twins. */
  readonly doers: readonly Layer[];

  readonly #twins: readonly BuiltInLayer[];
  #freed = false;
  #held = false;

  /** @throws {@link ShapeError} where shapes do not fit, naming the layer. */
  constructor(graph: GraphParts) {
    const doers: Layer[] = [];
    const twins: BuiltInLayer[] = [];
    super({}, 'inputs', {}, () => createNative(graph, doers, twins));
    try {
      this.build(packedShape(graph.inputs));
      // The loss does their work; a summary asks for their shapes.
      for (const [i, { shape }] of graph.outputs.entries())
        graph.layers[graph.heads[i] ?? -1]?.build(shape);
    } catch (error) {
      super.dispose();
      for (const twin of twins) twin.dispose();
      throw error;
    }
    this.graph = graph;
    this.doers = doers;
    this.#twins = twins;
  }

  /** Counts the layers inside as those of a model, which the last one frees. */
  hold(): void {
    this.#held = true;
    for (const layer of this.graph.layers) countUse(layer, 1);
  }

  /** The names of what each layer takes, for all of its calls. */
  taken(): Map<Layer, string[]> {
    const { layers, calls, inputs, heads } = this.graph;
    const name = (value: number): string => {
      const [number] = calls[value - 1] ?? [-1];
      const maker = layers[number];
      if (maker === undefined) return (inputs[0] as Port).name;
      if (maker.type !== 'Unpack') return `${number - this.#unpacks} ${maker.type}`;
      return (inputs[number] as Port).name;
    };
    const taken = new Map(layers.map((layer) => [layer, [] as string[]]));
    const add = (number: number, values: readonly number[]): unknown =>
      taken.get(layers[number] as Layer)?.push(...values.map(name));
    for (const [number, values] of calls) add(number, values);
    for (const [i, head] of heads.entries()) if (head >= 0) add(head, [this.#ends[i] as number]);
    return taken;
  }

  /** How many layers stand in front of the user's own. */
  get #unpacks(): number {
    const { inputs } = this.graph;
    return inputs.length > 1 ? inputs.length : 0;
  }

  /** The values that are outputs, or what heads make them of. */
  get #ends(): readonly number[] {
    const { calls, outputs } = this.graph;
    return outputs.length > 1 ? (calls.at(-1)?.[1] ?? []) : [calls.length];
  }

  /** @internal */
  override get parts(): Readonly<Record<string, readonly Layer[]>> {
    return { layers: this.graph.layers };
  }

  /** Whether training changes the layers inside, as last set here. Default true. */
  override get trainable(): boolean {
    return super.trainable;
  }

  /** Freezes or thaws every layer inside. */
  override set trainable(trainable: boolean) {
    super.trainable = trainable;
    for (const layer of this.graph.layers) layer.trainable = trainable;
  }

  /** The parts as data. */
  override getConfig(): Config {
    const { layers, ...others } = this.graph;
    return { type: this.type, layers: layers.map(layerToConfig), ...others };
  }

  /** Frees the layers inside as well, but for those that another graph or model has. */
  override dispose(): void {
    if (this.#freed) return;
    this.#freed = true;
    super.dispose();
    for (const twin of this.#twins) twin.dispose();
    for (const layer of this.graph.layers) {
      if (!this.#held || countUse(layer, -1) === 0) disposePart(layer);
    }
  }
}
