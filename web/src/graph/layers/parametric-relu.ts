import type { AxisOptions } from '../../axis.js';
import type { KerasConverters, KerasLayer } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { Config } from '../../layers/layer.js';
import type { TypeName } from '../../registry.js';
import type { Tensor } from '../../tensor.js';

/** Options of {@link ParametricReLU}; `axis` is that of the channels. */
export interface ParametricReLUOptions extends LayerOptions, AxisOptions {
  /** The slopes before any training, a finite number. Default 0.25. */
  readonly initialAlpha?: number | undefined;
}

/** Keras's PReLU has a slope for each number of a sample, but for the axes along which it is shared. */
function fromKeras(layer: KerasLayer): Config {
  const { shape, channelAxis } = layer;
  const channel = shape.length + channelAxis;
  // Its axes have the batch before them.
  const others = shape.map((_, i) => i + 1).filter((axis) => axis !== channel + 1);
  const shared = layer.setting('shared_axes') ?? [];
  const sorted = Array.isArray(shared) ? Array.from<unknown>(shared).sort() : [shared];
  if (sorted.join() !== others.join()) {
    throw layer.unsupported(`shared_axes must be [${others.join(', ')}], all but the channels`);
  }
  const axis = layer.axisOfSample(channelAxis);
  const channels = shape[axis] as number;
  const own = shape.map((_, i) => (i === channel ? channels : 1));
  layer.load('alpha', [1, channels], 'alpha', own);
  return layer.axisOption(axis);
}

/**
 * x for x > 0, alpha * x otherwise, with a slope alpha for each channel that training changes (He et al.,
 * 2015, "Delving deep into rectifiers", section 2.1). Weight decay leaves alpha as it is: it would make a
 * ReLU of the layer. {@link PReLU} is the same with one constant. [N, ...] to the same shape.
 * @example new ParametricReLU({ initialAlpha: 0.1 })
 */
export class ParametricReLU extends BuiltInLayer {
  static override readonly type: TypeName<'ParametricReLU'> = 'ParametricReLU';
  static override readonly onnx: OnnxConverter = (layer) => {
    const along = layer.inputShape.slice(layer.axis).map((size, i) => (i === 0 ? size : 1));
    return layer.node('PRelu', [layer.input, ...layer.parameters(along)]);
  };
  static override readonly keras: KerasConverters = { PReLU: fromKeras };

  /** @throws {@link ValueError} unless initialAlpha is finite. */
  constructor(options: ParametricReLUOptions = {}) {
    super(options, 'initialAlpha');
  }

  /** The slopes before any training. */
  get initialAlpha(): number {
    return this.getConfig()['initialAlpha'] as number;
  }

  /** The axis of the channels, if it was given. */
  get axis(): number | undefined {
    return this.getConfig()['axis'] as number | undefined;
  }

  /** Slopes [1, channels], live. */
  get alpha(): Tensor {
    return this.param('alpha') as Tensor;
  }
}
