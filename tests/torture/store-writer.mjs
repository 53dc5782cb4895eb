// A writer of the kind `stores`: node store-writer.mjs FOLDER SEED COUNT
import { fileStore } from 'lamella';
import { Random } from './random.mjs';

const [folder, seed, count] = process.argv.slice(2);
const random = new Random(Number(seed), 0);
const store = fileStore(folder);
for (let i = 0; i < Number(count); i++) {
  const bytes = new Uint8Array(random.integer(8, 200_000)).fill(random.integer(0, 255));
  new DataView(bytes.buffer).setUint32(0, bytes.length);
  await store.save('one', bytes);
}
