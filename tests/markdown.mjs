// The code of the README, the guides and the cookbook: every fenced block, and what is to be done with it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

/** Every page whose blocks are run: all but the list of the cookbook's pages. */
export const pages = [
  'README.md',
  'docs/README.md',
  ...['docs/guides', 'docs/cookbook'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name !== 'README.md')
      .map((name) => `${folder}/${name}`),
  ),
];

/**
 * The fenced blocks of a page: language, what follows it in the fence's info string, code, line.
 * A `js` block is a program, with `commonjs` one for `require`; with `continues` it is the end of the
 * one before, with `beside=PAGE` one beside another page's files, with `file=NAME` a module beside the page's programs, as `csv` with `file=NAME` is a
 * table beside them. `html` is a page or a part of one, `http` headers to serve pages with, `sh`
 * commands.
 */
export function blocksOf(page) {
  const text = readFileSync(join(root, page), 'utf8');
  return Array.from(text.matchAll(/^```(\w*) ?(.*)\n([^]*?)^```$/gm), (match) => {
    const [, language, info, code] = match;
    return { language, info, code, line: text.slice(0, match.index).split('\n').length };
  });
}

/**
 * The code with a check behind each line that prints a number and says in a comment how large it is:
 * `console.log(loss); // below 0.1`.
 */
export function withPromises(code) {
  let checks = 0;
  const checked = code.replace(
    /^ *console\.log\((.*)\); \/\/ (above|below) (-?[\d.]+(?:e-?\d+)?)$/gm,
    (line, value, word, limit) => {
      checks++;
      const holds = `${value} ${word === 'above' ? '>' : '<'} ${limit}`;
      return `if (!(${holds})) throw new Error('not ${word} ${limit}: ' + (${value}));\n${line}`;
    },
  );
  const promises = code.match(/\/\/ (above|below) -?\d/g) ?? [];
  if (promises.length === checks) return checked;
  throw new Error(`${promises.length} promises, but ${checks} behind a console.log of one line`);
}

/** The programs of a page, each with the line it begins at, and the files beside them. */
export function programsOf(page) {
  const programs = [];
  const files = {};
  for (const { language, info, code, line } of blocksOf(page)) {
    const [, file] = /^file=(\S+)$/.exec(info) ?? [];
    if (file !== undefined) files[file] = code;
    else if (language !== 'js') continue;
    else if (/^beside=/.test(info)) {
      Object.assign(files, programsOf(info.slice('beside='.length)).files);
      programs.push({ code, line, extension: 'mjs' });
    } else if (info === 'continues') programs.at(-1).code += code;
    else if (info === '') programs.push({ code, line, extension: 'mjs' });
    else if (info === 'commonjs') programs.push({ code, line, extension: 'cjs' });
    else throw new Error(`${page}:${line}: a js block has no '${info}'`);
  }
  return { programs, files };
}
