// Results as tables for people, or as lines of JSON.

const round = (value, digits = 3) =>
  value === undefined
    ? ''
    : Number(value.toPrecision(digits)).toLocaleString('en', { maximumSignificantDigits: digits });

export function jsonLine(workload, result) {
  const { peer, variant, threads, median, least, most, repeats, gflops, samplesPerSecond } = result;
  return JSON.stringify({
    workload: workload.name,
    ...{ peer, variant, threads },
    median_ms: median ?? null,
    gflops: gflops ?? null,
    samples_per_second: samplesPerSecond ?? null,
    min_ms: least ?? null,
    max_ms: most ?? null,
    repeats: repeats ?? 0,
    ...((result.reason ?? result.note) && { note: result.reason ?? result.note }),
  });
}

export function table(rows, rightAligned) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (rightAligned[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** lamella's fastest result with as many threads, which the others are compared with. */
export function best(results, threads = 1) {
  const own = results.filter(
    (each) => each.peer === 'lamella' && each.median && each.threads === threads,
  );
  return own.reduce((a, b) => (a && a.median <= b.median ? a : b), undefined);
}

/** One workload's table; `peak` is the machine's GFLOP/s, where a share of it says something. */
export function workloadTable(workload, results, peak) {
  const header = ['peer', 'variant', 'threads', 'ms', 'min', 'max', 'GFLOP/s'];
  const wantsPeak = peak !== undefined;
  const rows = results
    .filter(({ median }) => median)
    .map((result) => {
      const own = best(results, result.threads);
      const compared =
        own && result.peer !== 'lamella' ? `${round(result.median / own.median)}x` : '';
      const few =
        result.repeats < 7 ? `${result.repeats} repeat${result.repeats > 1 ? 's' : ''}` : '';
      return [
        ...[result.peer, result.variant, String(result.threads)],
        ...[round(result.median), round(result.least), round(result.most), round(result.gflops)],
        ...(wantsPeak ? [`${Math.round((100 * result.gflops) / peak)} %`] : []),
        compared,
        [few, result.note].filter(Boolean).join('; '),
      ];
    });
  const columns = [...header, ...(wantsPeak ? ['of peak'] : []), 'lamella is', ''];
  const told = (result, i) =>
    results.some(
      (other, j) => j < i && other.peer === result.peer && other.reason === result.reason,
    );
  const missing = results
    .filter((result, i) => result.reason && !told(result, i))
    .map(({ peer, variant, reason }) => `  ${peer} ${variant}: ${reason}`);
  const body =
    rows.length > 0
      ? table(
          [columns, ...rows],
          columns.map((_, i) => i >= 2 && i < columns.length - 1),
        )
      : '';
  return [`\n${workload.name}`, body, ...missing].filter(Boolean).join('\n');
}

/** All workloads at once: how many times as fast as each peer lamella is, one thread. */
export function summary(all) {
  const key = ({ peer, variant }) => (peer === 'lamella' ? `${peer} ${variant}` : peer);
  const shown = all.map(({ workload, results }) => ({
    workload,
    results: results.filter(({ threads, peer }) => threads === 1 && peer !== 'peak'),
  }));
  const peers = [...new Set(shown.flatMap(({ results }) => results.map(key)))];
  const rows = shown
    .filter(({ results }) => results.some(({ median }) => median))
    .map(({ workload, results }) => {
      const own = best(results)?.median;
      const cells = peers.map((name) => {
        const result = results.find((each) => key(each) === name);
        if (!result?.median) return '-';
        if (result.peer === 'lamella') return `${round(result.median)} ms`;
        return own ? `${round(result.median / own)}x` : `${round(result.median)} ms`;
      });
      return [workload.name, ...cells];
    });
  if (rows.length === 0) return '';
  const columns = ['one thread', ...peers];
  return `\nHow many times as fast lamella's fastest variant is\n${table(
    [columns, ...rows],
    columns.map((_, i) => i > 0),
  )}`;
}
