/** The bytes of a text that scripts/engine.mjs has written, which has a character for each. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i) ^ 75;
  return bytes;
}
