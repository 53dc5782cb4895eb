// The table at the end of a run, and the same in docs/reliability.md.
import { availableParallelism, cpus } from 'node:os';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../docs/reliability.md');
const [begin, end] = ['<!-- figures: npm run torture -->', '<!-- end of the figures -->'];

/** A table in Markdown, which reads as well in a terminal. */
export function toTable(results) {
  const rows = [
    ['kind', 'count', 'findings', 'seconds'],
    ...results.map(({ name, count, findings, seconds }) => [
      name,
      count.toLocaleString('en'),
      String(findings.count),
      seconds.toFixed(1),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const [head, ...body] = rows.map(line);
  return [head, rule, ...body].join('\n');
}

/** Puts a run's figures into docs/reliability.md. */
export function writeFigures(results, seed) {
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(begin);
  const [, after] = rest.split(end);
  const seconds = results.reduce((sum, each) => sum + each.seconds, 0);
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown kind'}`;
  const about = `${day}, seed ${seed}, ${Math.round(seconds / 60)} minutes on ${machine}, Node ${process.version}:`;
  writeFileSync(page, `${before}${begin}\n\n${about}\n\n${toTable(results)}\n\n${end}${after}`);
}
