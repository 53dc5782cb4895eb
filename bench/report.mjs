// Results as tables for people, or as lines of JSON.

const round = (value, digits = 3) =>
  value === undefined
    ? ''
    : Number(value.toPrecision(digits)).toLocaleString('en', { maximumSignificantDigits: digits });

export function jsonLine(workload, result) {
  const { peer, variant, threads, median, least, most, repeats, gflops, samplesPerSecond } = result;
  return JSON.stringify({
    ...{ group: workload.group, workload: workload.name },
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

/** lamella's profile: a table with a column for each of its rows' properties. */
export function profileText(workload, { variant, threads }, rows, reason) {
  const title = `\n${workload.name}, ${variant}${threads > 1 ? `, ${threads} threads` : ''}`;
  if (reason) return `${title}\n  ${reason}`;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value) => (typeof value === 'number' ? round(value) : String(value ?? ''));
  const cells = rows.map((row) => columns.map((column) => cell(row[column])));
  const numeric = columns.map((column) => rows.every((row) => typeof row[column] !== 'string'));
  return `${title}\n${table([columns, ...cells], numeric)}`;
}

export const profileLine = (workload, { peer, variant, threads }, rows = []) =>
  JSON.stringify({ workload: workload.name, peer, variant, threads, layers: rows });

/** Peers with one thread: how many times as fast lamella is. */
function ratios(all) {
  const key = ({ peer, variant }) => (peer === 'lamella' ? `${peer} ${variant}` : peer);
  const shown = all.map(({ workload, results }) => ({
    workload,
    results: results.filter(
      ({ threads, peer, median }) => threads === 1 && peer !== 'peak' && median,
    ),
  }));
  const peers = [...new Set(shown.flatMap(({ results }) => results.map(key)))];
  const rows = shown
    .filter(({ results }) => results.length > 0)
    .map(({ workload, results }) => {
      const own = best(results)?.median;
      const cells = peers.map((name) => {
        const result = results.find((each) => key(each) === name);
        if (!result) return '-';
        if (result.peer === 'lamella' || !own) return `${round(result.median)} ms`;
        return `${round(result.median / own)}x`;
      });
      return [workload.name, ...cells];
    });
  return titled(
    'How many times as fast lamella is, in its fastest variant, one thread',
    ['', ...peers],
    rows,
  );
}

/** How many times as fast each peer is with a second thread. */
function speedups(all) {
  const fastest = (results, peer, threads) =>
    Math.min(
      ...results
        .filter((each) => each.peer === peer && each.threads === threads && each.median)
        .map(({ median }) => median),
    );
  const peers = [
    ...new Set(
      all.flatMap(({ results }) =>
        results.filter(({ threads, median }) => threads === 2 && median).map(({ peer }) => peer),
      ),
    ),
  ];
  const rows = all.flatMap(({ workload, results }) => {
    const values = peers.map((peer) => fastest(results, peer, 1) / fastest(results, peer, 2));
    if (!values.some((value) => value > 0 && value < Infinity)) return [];
    return [
      [
        workload.name,
        ...values.map((value) => (value > 0 && value < Infinity ? `${round(value)}x` : '-')),
      ],
    ];
  });
  return titled('Two threads over one', ['', ...peers], rows);
}

/** How the time per sample changes. */
function scaling(all) {
  const shown = all.filter(({ workload }) => workload.scaling);
  const peers = [
    ...new Set(
      shown.flatMap(({ results }) =>
        results.filter(({ median }) => median).map(({ peer }) => peer),
      ),
    ),
  ];
  const rows = shown.map(({ workload, results }) => [
    workload.name,
    ...peers.map((peer) => {
      const times = results
        .filter((each) => each.peer === peer && each.median)
        .map(({ median }) => median);
      return times.length > 0 ? round((Math.min(...times) * 1000) / workload.batch) : '-';
    }),
  ]);
  return titled('Microseconds a sample', ['', ...peers], rows);
}

/** Rows of growing work that take less time than the one before: tiles that end badly there. */
function cliffs(all) {
  const rows = [];
  for (const [i, { workload, results }] of all.entries()) {
    const before = all[i - 1];
    if (workload.group !== 'growth' || workload.scaling !== before?.workload.scaling) continue;
    for (const { peer, variant, median } of results) {
      const smaller = before.results.find(
        (each) => each.peer === peer && each.variant === variant && each.median,
      );
      if (!smaller || !(median < 0.9 * smaller.median)) continue;
      const row = [`${peer} ${variant}`, before.workload.name, `${round(smaller.median)} ms`];
      rows.push([...row, workload.name, `${round(median)} ms`]);
    }
  }
  return titled(
    'Cliffs: the greater row is faster by more than 10 %',
    ['', 'smaller', '', 'greater', ''],
    rows,
  );
}

function titled(title, columns, rows) {
  if (rows.length === 0) return [];
  return [
    `\n${title}\n${table(
      [columns, ...rows],
      columns.map((_, i) => i > 0),
    )}`,
  ];
}

/** All workloads at once. */
export const summary = (all) =>
  [...ratios(all), ...speedups(all), ...scaling(all), ...cliffs(all)].join('\n');
