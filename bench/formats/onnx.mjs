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

/** Attributes are whole numbers, lists of them, texts, and numbers { float }. */
function attribute([name, value]) {
  const [floatType, int, string, ints] = [1, 2, 3, 7];
  const attributeOf = (values, type) => message([field(1, name), ...values, field(20, type)]);
  if (typeof value === 'number') return attributeOf([field(3, value)], int);
  if (typeof value === 'string') return attributeOf([field(4, value)], string);
  if (Array.isArray(value))
    return attributeOf(
      value.map((item) => field(8, item)),
      ints,
    );
  const bytes = new Uint8Array(Float32Array.of(value.float).buffer);
  // A number of 4 bytes: its field has wire type 5.
  return attributeOf([Uint8Array.from([2 * 8 + 5, ...bytes])], floatType);
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
  // 20 is the first with Gelu.
  const opset = message([field(2, 20)]);
  return message([field(1, 9), field(7, graph), field(8, opset)]);
}
