import type { AxisOptions } from '../axis.js';
import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import type { TypeName } from '../registry.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** max(x, 0); the derivative at 0 is 0. */
export class ReLU extends BuiltInLayer {
  static override readonly type: TypeName<'ReLU'> = 'ReLU';
  static override readonly onnx = 'Relu';
  static override readonly keras: KerasConverters = {
    relu: {},
    ReLU: (layer) => layer.relu(),
  };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}

/** Options of {@link PReLU}. */
export interface PReLUOptions extends LayerOptions {
  /** Slope for x <= 0, a finite constant. Default 0.01. */
  readonly alpha?: number | undefined;
}

const leakyToOnnx: OnnxConverter = (layer) =>
  layer.node('LeakyRelu', [layer.input], { alpha: { float: layer.number('alpha') } });

/** x for x > 0, alpha * x otherwise. */
export class PReLU extends BuiltInLayer {
  static override readonly type: TypeName<'PReLU'> = 'PReLU';
  static override readonly onnx = leakyToOnnx;

  /** @throws {@link ValueError} unless alpha is finite. */
  constructor(options: PReLUOptions = {}) {
    super(options, 'alpha');
  }

  /** Slope for x <= 0. */
  get alpha(): number {
    return this.getConfig()['alpha'] as number;
  }
}

/** x for x > 0, alpha * x otherwise: {@link PReLU} by the name that others give it. */
export class LeakyReLU extends BuiltInLayer {
  static override readonly type: TypeName<'LeakyReLU'> = 'LeakyReLU';
  static override readonly onnx = leakyToOnnx;
  static override readonly keras: KerasConverters = {
    // Keras 3 says negative_slope, the others alpha.
    LeakyReLU: (layer) => ({
      alpha: layer.number('negative_slope', layer.number('alpha', 0.3)),
    }),
  };

  /** @throws {@link ValueError} unless alpha is finite. */
  constructor(options: PReLUOptions = {}) {
    super(options, 'alpha');
  }

  /** Slope for x <= 0. */
  get alpha(): number {
    return this.getConfig()['alpha'] as number;
  }
}

/**
 * Gaussian error linear unit (Hendrycks, Gimpel, 2016) in its tanh form,
 * x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), which differs from the
 * exact x Phi(x) by less than 5e-4.
 */
export class GELU extends BuiltInLayer {
  static override readonly type: TypeName<'GELU'> = 'GELU';
  static override readonly onnx: OnnxConverter = (layer) => layer.gelu();
  static override readonly keras: KerasConverters = { gelu_new: {} };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}

/** 1 / (1 + e^-x). */
export class Sigmoid extends BuiltInLayer {
  static override readonly type: TypeName<'Sigmoid'> = 'Sigmoid';
  static override readonly onnx = 'Sigmoid';
  static override readonly keras: KerasConverters = { sigmoid: {} };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}

/** Hyperbolic tangent. */
export class Tanh extends BuiltInLayer {
  static override readonly type: TypeName<'Tanh'> = 'Tanh';
  static override readonly onnx = 'Tanh';
  static override readonly keras: KerasConverters = { tanh: {} };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}

/** x * sigmoid(x) (Ramachandran, Zoph, Le, 2017). */
export class Swish extends BuiltInLayer {
  static override readonly type: TypeName<'Swish'> = 'Swish';
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('Mul', [layer.input, layer.node('Sigmoid', [layer.input])]);
  static override readonly keras: KerasConverters = { swish: {}, silu: {} };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}

/** Options of {@link Softmax}. */
export interface SoftmaxOptions extends LayerOptions, AxisOptions {
  /** Divides the input; greater than 0. Default 1. */
  readonly temperature?: number | undefined;
}

/**
 * softmax(x / temperature) over the classes of a vector or of each step of a sequence, or over the
 * channels of each pixel of an image.
 */
export class Softmax extends BuiltInLayer {
  static override readonly type: TypeName<'Softmax'> = 'Softmax';
  static override readonly leftOut = { temperature: 1 };
  static override readonly onnx: OnnxConverter = (layer) => {
    const temperature = layer.number('temperature');
    const divided =
      temperature === 1
        ? layer.input
        : layer.node('Div', [layer.input, layer.scalar('temperature', temperature)]);
    return layer.node('Softmax', [divided], { axis: layer.axis + 1 });
  };
  static override readonly keras: KerasConverters = {
    softmax: (layer) => layer.axisOption(layer.axisOfSample(-1)),
    Softmax: (layer) => layer.axisOption(layer.onlyAxis()),
  };

  /** @throws {@link ValueError} unless the temperature is greater than 0. */
  constructor(options: SoftmaxOptions = {}) {
    super(options, 'temperature');
  }

  /** Divides the input. */
  get temperature(): number {
    return this.getConfig()['temperature'] as number;
  }

  /** The axis of the classes, unless it is the usual one. */
  get axis(): number | undefined {
    return this.getConfig()['axis'] as number | undefined;
  }
}
