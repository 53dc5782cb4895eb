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
