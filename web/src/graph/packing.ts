// The ends of a graph with several inputs or outputs: to a model there is one of each.
import type { OnnxConverter } from '../io/onnx/layer.js';
import { BuiltInLayer } from '../layers/built-in-layer.js';
import type { ArgumentNames, TypeName } from '../registry.js';
import { type Shape, sizeOf } from '../shape.js';
import { MergeLayer } from './layers/merging.js';

/** One of the inputs, of a vector that holds all. */
export class Unpack extends BuiltInLayer {
  static override readonly type: TypeName<'Unpack'> = 'Unpack';
  static override readonly positional: ArgumentNames<['offset', 'targetShape']> = [
    'offset',
    'targetShape',
  ];
  static override readonly onnx: OnnxConverter = (layer) => {
    const offset = layer.number('offset');
    const shape = layer.setting('targetShape') as Shape;
    const ends = [
      layer.shape('starts', [offset]),
      layer.shape('ends', [offset + sizeOf(shape)]),
      layer.shape('axes', [1]),
    ];
    const part = layer.node('Slice', [layer.input, ...ends]);
    return layer.node('Reshape', [part, layer.shape('shape', [-1, ...shape])]);
  };

  constructor(offset: number, targetShape: Shape) {
    super({}, 'offset', { offset, targetShape });
  }
}

/** All outputs in a vector. */
export class Pack extends MergeLayer {
  static override readonly type: TypeName<'Pack'> = 'Pack';
  static override readonly onnxMerge: typeof MergeLayer.onnxMerge = (layer, values) => {
    const rows = values.map((value) => layer.node('Flatten', [value]));
    return layer.node('Concat', rows, { axis: 1 });
  };

  constructor() {
    super({});
  }
}
