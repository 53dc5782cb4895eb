// Archives as numpy writes them.
import { expect, test } from '@jest/globals';
import { readZip, writeZip } from '../../../web/src/io/zip.js';
import { FormatError } from '../../../web/src/runtime/errors.js';

const files = new Map([
  ['a.npy', Uint8Array.of(1, 2, 3)],
  ['empty', new Uint8Array()],
  ['层.npy', new Uint8Array(10_000).fill(7)],
]);

test('what is written can be read', async () => {
  const read = await readZip(writeZip(files));
  expect([...read.keys()]).toEqual([...files.keys()]);
  for (const [name, bytes] of files)
    expect(Buffer.from(read.get(name) ?? [])).toEqual(Buffer.from(bytes));
});

test('any bit of the contents that differs is noticed', async () => {
  const archive = writeZip(files);
  const start = Buffer.from(archive).indexOf(Buffer.of(1, 2, 3));
  for (let bit = 0; bit < 24; bit++) {
    const damaged = archive.slice();
    const at = start + (bit >> 3);
    damaged[at] = (damaged[at] as number) ^ (1 << (bit & 7));
    await expect(readZip(damaged)).rejects.toBeInstanceOf(FormatError);
  }
});
