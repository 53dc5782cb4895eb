import { encodeText } from '../../runtime/text.js';
import { concatenate, encodeFloat32 } from '../binary.js';

// As much of protocol buffers as writing ONNX takes. Source of the format:
// https://protobuf.dev/programming-guides/encoding/

/** How a field's value is encoded. */
const wire = { varint: 0, bytes: 2, fixed32: 5 } as const;

/** A whole number of at least 0, seven bits a byte, lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

function tag(field: number, type: number): number[] {
  return varint(field * 8 + type);
}

/** A field with a whole number of at least 0. */
export function int(field: number, value: number): Uint8Array {
  return Uint8Array.from([...tag(field, wire.varint), ...varint(value)]);
}

/** A field with a float32. */
export function float(field: number, value: number): Uint8Array {
  const number = encodeFloat32(Float32Array.of(value));
  return Uint8Array.from([...tag(field, wire.fixed32), ...number]);
}

/** A field with bytes. */
export function bytes(field: number, value: Uint8Array): Uint8Array {
  return concatenate([
    Uint8Array.from([...tag(field, wire.bytes), ...varint(value.length)]),
    value,
  ]);
}

/** A field with a text. */
export function text(field: number, value: string): Uint8Array {
  return bytes(field, encodeText(value));
}

/** A field with a message of fields. */
export function message(field: number, fields: readonly Uint8Array[]): Uint8Array {
  return bytes(field, concatenate(fields));
}
