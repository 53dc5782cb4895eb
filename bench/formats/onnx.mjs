// Writes ONNX models: as much of protocol buffers, and of onnx.proto, as that takes.

const text = new TextEncoder();

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

/** A field: numbers become varints; strings, byte arrays and messages get their length first. */
function field(number, value) {
  if (typeof value === 'number') return Uint8Array.from([...varint(number * 8), ...varint(value)]);
  const body = typeof value === 'string' ? text.encode(value) : value;
  return message([Uint8Array.from([...varint(number * 8 + 2), ...varint(body.length)]), body]);
}

function message(parts) {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const float = 1;

function initializer({ name, shape, values }) {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const dims = shape.map((size) => field(1, size));
  return message([...dims, field(2, float), field(8, name), field(9, raw)]);
}

function valueInfo({ name, shape }) {
  const dims = message(shape.map((size) => field(1, field(1, size))));
  const type = field(1, message([field(1, float), field(2, dims)]));
  return message([field(1, name), field(2, type)]);
}

/** Whole numbers and lists of them are all the attributes we need. */
function attribute([name, value]) {
  const [int, ints] = [2, 7];
  if (typeof value === 'number') {
    return message([field(1, name), field(3, value), field(20, int)]);
  }
  return message([field(1, name), ...value.map((item) => field(8, item)), field(20, ints)]);
}

function node({ operator, inputs, output, attributes = {} }) {
  return message([
    ...inputs.map((name) => field(1, name)),
    field(2, output),
    field(4, operator),
    ...Object.entries(attributes).map((entry) => field(5, attribute(entry))),
  ]);
}

/** A model: nodes { operator, inputs, output, attributes }, constants { name, shape, values }. */
export function onnxModel({ nodes, constants, input, output }) {
  const graph = message([
    ...nodes.map((each) => field(1, node(each))),
    field(2, 'bench'),
    ...constants.map((each) => field(5, initializer(each))),
    field(11, valueInfo(input)),
    field(12, valueInfo(output)),
  ]);
  const opset = message([field(2, 13)]);
  return message([field(1, 8), field(7, graph), field(8, opset)]);
}
