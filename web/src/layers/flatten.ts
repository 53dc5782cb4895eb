import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** [N, C, H, W] to [N, C * H * W]: the same numbers as one vector per sample. */
export class Flatten extends BuiltInLayer {
  constructor(options: LayerOptions = {}) {
    super('Flatten', options);
  }
}
