// Runs the code of the README, the guides and the cookbook in Node, against the built package, which they import
// by its name. tests/browser/docs.test.mjs runs what needs a page.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { blocksOf, pages, programsOf, root, withPromises } from '../markdown.mjs';

const { name, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Whether a shell command is one that a reader can run. */
function isKnown(command) {
  if (command === `npm install ${name}`) return true;
  const [, script] = /^npm (?:run )?([\w:]+)(?: -- .*)?$/.exec(command) ?? [];
  return script !== undefined && Object.hasOwn(scripts, script);
}

/** Makes Math.random give the same numbers in every run (Park, Miller, 1988, with their later factor). */
const seeded = `data:text/javascript,${encodeURIComponent(`
  let state = 7;
  Math.random = () => (state = (state * 48271) % 2147483647) / 2147483647;
`)}`;

describe.each(pages)('%s', (page) => {
  const { programs, files } = programsOf(page);
  const folder = join(root, 'build/docs-programs', page.replace(/\W/g, '-'));

  for (const { code, line, extension } of programs) {
    test(`line ${line} runs`, async () => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      for (const [file, source] of Object.entries(files)) writeFileSync(join(folder, file), source);
      const program = join(folder, `line-${line}.${extension}`);
      writeFileSync(program, withPromises(code));
      await promisify(execFile)(process.execPath, ['--import', seeded, program], {
        cwd: folder,
        env: { ...process.env, NODE_OPTIONS: '' },
        timeout: 30_000,
      });
    });
  }

  test('its shell commands exist, and every language is one that is run', () => {
    const blocks = blocksOf(page);
    expect(blocks.length).toBeGreaterThan(0);
    for (const { language, info, code } of blocks) {
      expect(['js', 'html', 'http', 'sh', 'csv']).toContain(language);
      if (language === 'csv') expect(info).toMatch(/^file=/);
      if (language !== 'sh') continue;
      const commands = code.split('\n').map((text) => text.replace(/#.*/, '').trim());
      expect(commands.filter((each) => each !== '' && !isKnown(each))).toEqual([]);
    }
  });
});

// Figures of another page, and names of what there is, grow stale unnoticed.
describe('the first page of the documents', () => {
  const text = readFileSync(join(root, 'docs/README.md'), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  const cellsOf = (row) => row.split('|').map((cell) => cell.trim());

  test('compares by figures of the page about performance', () => {
    const measured = readFileSync(join(root, 'docs/performance.md'), 'utf8')
      .split('\n')
      .map(cellsOf);
    const own = rows.map(cellsOf).filter(([, , milliseconds]) => /^[\d.]+$/.test(milliseconds));
    expect(own.length).toBeGreaterThan(3);
    for (const [, workload, milliseconds, ratios] of own) {
      const [, , ...row] = measured.find(([, name]) => name === workload);
      expect(row.slice(0, 2)).toEqual([milliseconds, ratios]);
    }
  });

  test.each([
    ['README.md', 'layer'],
    ['docs/README.md', 'part'],
  ])('%s names every %s that there is', async (page, kind) => {
    const lamella = await import('../../dist/index.js');
    const bases = [lamella.Loss, lamella.Optimizer, lamella.Schedule, lamella.Metric];
    const names = Object.entries(lamella)
      .filter(([, value]) => bases.some((base) => value.prototype instanceof base))
      .map(([part]) => part);
    if (kind === 'layer') names.length = 0;
    const { furtherLayers } = await import('../../dist/graph.js');
    names.push(...[...lamella.layerClasses, ...furtherLayers].map(({ type }) => type));
    const words = new Set(readFileSync(join(root, page), 'utf8').match(/\w+/g));
    expect(names.filter((part) => !words.has(part))).toEqual([]);
  });
});

test.each(['guides', 'cookbook'])('the contents of the %s have every page', (folder) => {
  const contents = readFileSync(join(root, 'docs', folder, 'README.md'), 'utf8');
  const links = Array.from(contents.matchAll(/^\| \[[^\]]*\]\((.*?)\)/gm), ([, to]) => to);
  const own = pages.filter((page) => page.startsWith(`docs/${folder}/`));
  expect(links.map((link) => `docs/${folder}/${link}`).sort()).toEqual(own.sort());
});
