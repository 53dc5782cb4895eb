/** 1 / n! with alternating signs, of sine over x and of cosine: powers of x^2, lowest first. */
const sineTerms = /* @__PURE__ */ taylorTerms(1);
const cosineTerms = /* @__PURE__ */ taylorTerms(0);

function taylorTerms(first: 0 | 1): readonly number[] {
  const terms: number[] = [];
  let factorial = 1;
  for (let n = first; n <= 18; n += 2) {
    terms.push((terms.length % 2 === 0 ? 1 : -1) / factorial);
    factorial *= (n + 1) * (n + 2);
  }
  return terms;
}

function polynomial(terms: readonly number[], x: number): number {
  return terms.reduceRight((sum, term) => sum * x + term, 0);
}

/**
 * Sine and cosine of an angle in turns, the same bits on every machine: `Math.sin` and `Math.cos` differ
 * among engines in the last one.
 *
 * The angle less the nearest quarter turn is exact and at most an eighth of a turn, for which the
 * Taylor series up to x^18 (x = pi / 4) leave out less than 1e-18. So the error is that of a few roundings
 * of float64, and whole quarter turns are exact.
 *
 * @param turns - From -1 to 1.
 */
export function sineAndCosine(turns: number): readonly [sine: number, cosine: number] {
  const quarters = Math.round(turns * 4);
  const x = (turns - quarters / 4) * (2 * Math.PI);
  const sine = x * polynomial(sineTerms, x * x);
  const cosine = polynomial(cosineTerms, x * x);
  // Zero less a zero is never negative.
  const angles = [
    [sine, cosine],
    [cosine, 0 - sine],
    [0 - sine, 0 - cosine],
    [0 - cosine, sine],
  ] as const;
  return angles[((quarters % 4) + 4) % 4] as readonly [number, number];
}
