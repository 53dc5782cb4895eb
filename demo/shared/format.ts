const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function count(value: number): string {
  return whole.format(value);
}

/** A fraction in per cent; never 100 % unless it is. */
export function percent(fraction: number, digits = 1): string {
  const scale = 10 ** digits;
  const rounded = Math.round(fraction * 100 * scale) / scale;
  const honest = fraction < 1 && rounded === 100 ? 100 - 1 / scale : rounded;
  return `${honest.toFixed(digits)}\u202f%`;
}

export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${String(Math.round(seconds))} s`;
  const rounded = Math.round(seconds);
  return `${String(Math.floor(rounded / 60))} min ${String(rounded % 60).padStart(2, '0')} s`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
