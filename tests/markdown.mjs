// The code of the README and the guides: every fenced block, and what is to be done with it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

/** Every page whose blocks are run. */
export const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs/guides')).map((name) => `docs/guides/${name}`),
];

/**
 * The fenced blocks of a page: language, what follows it in the fence's info string, code, line.
 * A `js` block is a program, with `commonjs` one for `require`; with `continues` it is the end of the
 * one before, with `file=NAME` a
 * module beside the page's programs. `html` is a page or a part of one, `http` headers to serve
 * pages with, `sh` commands.
 */
export function blocksOf(page) {
  const text = readFileSync(join(root, page), 'utf8');
  return Array.from(text.matchAll(/^```(\w*) ?(.*)\n([^]*?)^```$/gm), (match) => {
    const [, language, info, code] = match;
    return { language, info, code, line: text.slice(0, match.index).split('\n').length };
  });
}

/** The programs of a page, each with the line it begins at, and the modules beside them. */
export function programsOf(page) {
  const programs = [];
  const modules = {};
  for (const { language, info, code, line } of blocksOf(page)) {
    if (language !== 'js') continue;
    const [, file] = /^file=(\S+)$/.exec(info) ?? [];
    if (file !== undefined) modules[file] = code;
    else if (info === 'continues') programs.at(-1).code += code;
    else if (info === '') programs.push({ code, line, extension: 'mjs' });
    else if (info === 'commonjs') programs.push({ code, line, extension: 'cjs' });
    else throw new Error(`${page}:${line}: a js block has no '${info}'`);
  }
  return { programs, modules };
}
