import {
  Dense,
  init,
  type InitOptions,
  Layer,
  layerClasses,
  Model,
  MSE,
  Residual,
  runtimeInfo,
  SGD,
  type Shape,
  ShapeError,
  tensor,
  type Tensor,
  type TensorData,
} from 'lamella';

import {
  type CsvDataset,
  type Dataset,
  fromArrays,
  fromCsv,
  map,
  split,
  standardise,
} from 'lamella/data';
import { imageTensor, type ImageTensorOptions } from 'lamella/images';

/** A layer of one's own, typed. */
class Double extends Layer {
  forward(input: Tensor): Tensor {
    return tensor(
      input.toArray().map((v) => 2 * v),
      input.shape,
    );
  }

  backward(outputGradient: Tensor): Tensor {
    return this.forward(outputGradient);
  }
}

/** Built-in classes may be extended under names of one's own. */
class Block extends Residual {
  static override readonly type = 'Block';
  static override readonly positional = ['size'] as const;
}
const names: readonly string[] = [Block.type, ...layerClasses.map(({ type }) => type)];
if (!names.includes('Dense')) throw new Error('names');

const options: InitOptions = { variant: 'auto' };
await init(options);
const toGrey: ImageTensorOptions = { size: 2, channels: 1, crop: 'center' };
const picture = { data: new Uint8Array(12), width: 2, height: 2 };
const grey: Tensor = await imageTensor([picture, picture], toGrey);
if (grey.shape[0] !== 2) throw new Error('images');
const model = new Model([new Dense(1, { inputSize: 2 })], {
  loss: new MSE(),
  optimizer: new SGD({ learningRate: 0.1, momentum: 0.9, weightDecay: 0 }),
});
const x: Tensor = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]);
await model.train(x, tensor([[1], [4], [3], [6]]), { epochs: 400, batchSize: 4 });
const output: Tensor = model.predict(tensor([[2, 2]]));
const shape: Shape = output.shape;
const prediction: number | undefined = output.toArray()[0];
const doubled = new Double().forward(output).toArray()[0];
// What a canvas gives, and other typed arrays.
const pixels: Tensor = tensor(new Uint8ClampedArray(4), [1, 4]);
const samples: TensorData[] = [
  new Int8Array(1),
  new Int16Array(1),
  new Uint16Array(1),
  new Uint32Array(1),
];
if (pixels.size !== 4 || samples.some((data) => tensor(data).size !== 1)) throw new Error('size');
try {
  model.predict(tensor([[1, 2, 3]]));
} catch (error) {
  if (!(error instanceof ShapeError)) throw error;
}
// A data set's shapes are typed; it has names of classes if it comes from a table.
const table: CsvDataset = await fromCsv('a,b\n1,x\n2,y\n3,x\n', {
  label: 'b',
  types: { b: ['x', 'y'] },
});
const [some]: [Dataset, Dataset] = split(table, 0.5);
const scaled = await standardise(split(table, 0.5)[0]);
const [mean]: readonly (number | undefined)[] = scaled.mean;
const [name]: readonly (string | undefined)[] = map(scaled, (sample) => sample).classes;
if (mean === undefined || name !== 'x' || some.length !== 2) throw new Error('table');
// @ts-expect-error -- arrays have no names
if (fromArrays([[1]], [0]).classes !== undefined) throw new Error('classes');
async function* stream(): AsyncGenerator<{ x: number[][]; y: Float32Array }> {
  yield Promise.resolve({ x: [[1, 1]], y: Float32Array.of(6) });
}
await model.train(stream, { stepsPerEpoch: 1 });
const { loss }: { readonly loss: number } = await model.evaluate(fromArrays([[1, 1]], [[6]]));
if (!(loss < 1)) throw new Error('loss');
// @ts-expect-error -- a shape is not a string
export const wrong = (): Tensor => tensor([1, 2], 'two');
console.log(JSON.stringify({ prediction, doubled, shape, variant: runtimeInfo().variant }));
