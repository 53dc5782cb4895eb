/** Orders that follow from a seed. */

/** Numbers from 0 to 2^32 - 1 that follow from a seed (a 32-bit mix of a counter). */
function randomNumbers(seed: number): () => number {
  let counter = seed >>> 0;
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let x = counter;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return (x ^ (x >>> 16)) >>> 0;
  };
}

/** The row numbers 0 … count - 1 in an order that follows from the seed. */
export function shuffledRows(count: number, seed: number): Uint32Array {
  const random = randomNumbers(seed);
  const rows = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random() % (i + 1);
    const row = rows[i] ?? 0;
    rows[i] = rows[j] ?? 0;
    rows[j] = row;
  }
  return rows;
}
