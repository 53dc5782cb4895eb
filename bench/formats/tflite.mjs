// Writes TensorFlow Lite models: as much of schema.fbs as our networks take. Images are channels
// last, kernels [out, 3, 3, in], dense weights [out, in].
import { Builder } from 'flatbuffers';

const float32 = 0;
const int32 = 2;

/** Numbers of BuiltinOperator, and of the table of options in the union BuiltinOptions. */
const operators = {
  averagePool: { code: 1, options: 5 },
  conv: { code: 3, options: 1 },
  depthwise: { code: 4, options: 2 },
  dense: { code: 9, options: 8 },
  sigmoid: { code: 14, options: 0 },
  pool: { code: 17, options: 5 },
  flatten: { code: 22, options: 17 },
  softmax: { code: 25, options: 9 },
  globalPool: { code: 40, options: 27 },
  gelu: { code: 150, options: 116 },
};
const kinds = Object.keys(operators);

const [same, valid] = [0, 1];

/** A table of fields [number, type, value] with type 'Int8', 'Int32' or 'Offset'. */
function table(builder, size, fields) {
  builder.startObject(size);
  for (const [number, type, value] of fields) builder[`addField${type}`](number, value, undefined);
  return builder.endObject();
}

function offsets(builder, values) {
  builder.startVector(4, values.length, 4);
  for (const value of [...values].reverse()) builder.addOffset(value);
  return builder.endVector();
}

function numbers(builder, values) {
  builder.startVector(4, values.length, 4);
  for (const value of [...values].reverse()) builder.addInt32(value);
  return builder.endVector();
}

/** Constants are found by XNNPACK where they are: aligned to 16 bytes. */
function bytes(builder, values) {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  builder.startVector(1, data.length, 16);
  builder.space -= data.length;
  builder.bb.bytes().set(data, builder.space);
  return builder.endVector();
}

/** A table whose fields are in a row: [type, value] of each. */
const tableOf = (builder, ...fields) =>
  table(
    builder,
    fields.length,
    fields.map(([type, value], number) => [number, type, value]),
  );

/** The table of an operator's options; undefined where it has none. */
function options(builder, { kind, relu, shape, size, stride, padding }) {
  const pads = ['Int8', padding === 'same' ? same : valid];
  const activation = ['Int8', relu ? 1 : 0];
  const [one, step, side] = [1, stride, size].map((value) => ['Int32', value]);
  const pooling = [pads, step, step, side, side, activation];
  const tables = {
    // The last two are dilations; before the activation of a depthwise one: kernels a channel.
    conv: () => [pads, step, step, activation, one, one],
    depthwise: () => [pads, step, step, one, activation, one, one],
    pool: () => pooling,
    averagePool: () => pooling,
    dense: () => [activation],
    flatten: () => [['Offset', numbers(builder, shape)]],
    softmax: () => [['Float32', 1]],
    // Whether the axes stay, with size 1.
    globalPool: () => [['Int8', 0]],
    // Whether it is the tanh form.
    gelu: () => [['Int8', 1]],
  };
  const fields = tables[kind]?.();
  return fields && tableOf(builder, ...fields);
}

/**
 * A chain of steps { kind, relu, shape, constants, size, stride, padding }: `shape` is the output's
 * with the batch, constants are [{ shape, values }], float32, or int32 for shapes and axes.
 */
export function tfliteModel(inputShape, steps) {
  const builder = new Builder(1 << 20);
  builder.forceDefaults(true);
  // Buffer 0 must be empty: it means "no constant".
  const buffers = [table(builder, 1, [])];
  const tensors = [];
  const addTensor = (shape, values) => {
    let buffer = 0;
    if (values) {
      buffer = buffers.length;
      buffers.push(table(builder, 1, [[0, 'Offset', bytes(builder, values)]]));
    }
    const sizes = numbers(builder, shape);
    const name = builder.createString(`tensor${tensors.length}`);
    const type = values instanceof Int32Array ? int32 : float32;
    const fields = [
      [0, 'Offset', sizes],
      [1, 'Int8', type],
      [2, 'Int32', buffer],
      [3, 'Offset', name],
    ];
    return tensors.push(table(builder, 6, fields)) - 1;
  };
  const input = addTensor(inputShape);
  let current = input;
  const nodes = steps.map((step) => {
    const constants = step.constants.map(({ shape, values }) => addTensor(shape, values));
    const inputs = numbers(builder, [current, ...constants]);
    current = addTensor(step.shape);
    const outputs = numbers(builder, [current]);
    const optionsTable = options(builder, step);
    return table(builder, 9, [
      ...[
        [0, 'Int32', kinds.indexOf(step.kind)],
        [1, 'Offset', inputs],
        [2, 'Offset', outputs],
      ],
      ...(optionsTable
        ? [
            [3, 'Int8', operators[step.kind].options],
            [4, 'Offset', optionsTable],
          ]
        : []),
    ]);
  });
  const graph = table(builder, 5, [
    [0, 'Offset', offsets(builder, tensors)],
    [1, 'Offset', numbers(builder, [input])],
    [2, 'Offset', numbers(builder, [current])],
    [3, 'Offset', offsets(builder, nodes)],
  ]);
  const codes = kinds.map((kind) => {
    const { code } = operators[kind];
    return table(builder, 4, [
      // One byte was enough once: 127 says that the number is in the last field.
      [0, 'Int8', Math.min(code, 127)],
      [2, 'Int32', 1],
      [3, 'Int32', code],
    ]);
  });
  const model = table(builder, 8, [
    [0, 'Int32', 3],
    [1, 'Offset', offsets(builder, codes)],
    [2, 'Offset', offsets(builder, [graph])],
    [4, 'Offset', offsets(builder, buffers)],
  ]);
  builder.finish(model, 'TFL3');
  return builder.asUint8Array();
}
