import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** max(x, 0); the derivative at 0 is 0. */
export class ReLU extends BuiltInLayer {
  constructor(options: LayerOptions = {}) {
    super('ReLU', options);
  }
}

/** Options of {@link PReLU}. */
export interface PReLUOptions extends LayerOptions {
  /** Slope for x <= 0, a constant. Default 0.01. */
  readonly alpha?: number | undefined;
}

/** x for x > 0, alpha * x otherwise. */
export class PReLU extends BuiltInLayer {
  /** @throws {@link ValueError} unless alpha is finite. */
  constructor(options: PReLUOptions = {}) {
    super('PReLU', options, 'alpha');
  }

  /** Slope for x <= 0. */
  get alpha(): number {
    return this.getConfig()['alpha'] as number;
  }
}

/** x for x > 0, alpha * x otherwise: {@link PReLU} by the name that others give it. */
export class LeakyReLU extends BuiltInLayer {
  /** @throws {@link ValueError} unless alpha is finite. */
  constructor(options: PReLUOptions = {}) {
    super('LeakyReLU', options, 'alpha');
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
  constructor(options: LayerOptions = {}) {
    super('GELU', options);
  }
}

/** 1 / (1 + e^-x). */
export class Sigmoid extends BuiltInLayer {
  constructor(options: LayerOptions = {}) {
    super('Sigmoid', options);
  }
}

/** Hyperbolic tangent. */
export class Tanh extends BuiltInLayer {
  constructor(options: LayerOptions = {}) {
    super('Tanh', options);
  }
}

/** x * sigmoid(x) (Ramachandran, Zoph, Le, 2017). */
export class Swish extends BuiltInLayer {
  constructor(options: LayerOptions = {}) {
    super('Swish', options);
  }
}

/** Options of {@link Softmax}. */
export interface SoftmaxOptions extends LayerOptions {
  /** Divides the input; greater than 0. Default 1. */
  readonly temperature?: number | undefined;
}

/**
 * softmax(x / temperature) over the classes of a vector, or over the channels
 * of each pixel of an image.
 */
export class Softmax extends BuiltInLayer {
  /** @throws {@link ValueError} unless the temperature is greater than 0. */
  constructor(options: SoftmaxOptions = {}) {
    super('Softmax', options, 'temperature');
  }

  /** Divides the input. */
  get temperature(): number {
    return this.getConfig()['temperature'] as number;
  }
}
