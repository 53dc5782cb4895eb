/** The transpose of a matrix with so many columns: of arrays, whose first axes change places with the others. */
export function transposed(
  data: { readonly length: number; readonly [index: number]: number },
  columns: number,
): Float32Array<ArrayBuffer> {
  const rows = data.length / columns;
  const result = new Float32Array(data.length);
  for (let row = 0, from = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = data[from++] as number;
  return result;
}
