// The pages that typedoc makes the site of (npm run docs): the Markdown of the repository and the reference's pages,
// each with its title and its place, in build/site-pages.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { referencePages } from './reference.mjs';

process.chdir(join(import.meta.dirname, '..'));

const out = 'build/site-pages';

/** The pages that a table of contents links to, in its order. */
const childrenOf = (text) =>
  Array.from(text.matchAll(/^\| \[[^\]]*\]\((\w[\w-]*\.md)\)/gm), ([, page]) => page);

/**
 * Writes a page, named by its heading. Fences say what tests do with a block, which is no business of
 * a highlighter.
 */
function write(name, text) {
  const [, title] = /^# (.*)\n/.exec(text);
  const settings = { title, ...(basename(name) === 'README.md' && { children: childrenOf(text) }) };
  const front = Object.entries(settings).map(
    ([key, value]) => `${key}: ${JSON.stringify(value)}\n`,
  );
  const body = text.replace(/^```(\w+) .*$/gm, '```$1');
  mkdirSync(dirname(join(out, name)), { recursive: true });
  writeFileSync(join(out, name), `---\n${front.join('')}---\n${body}`);
}

rmSync(out, { recursive: true, force: true });
const documents = readdirSync('docs', { recursive: true }).map((name) => join('docs', name));
for (const name of [...documents, 'CHANGELOG.md', 'CONTRIBUTING.md']) {
  if (name.endsWith('.md')) write(name, readFileSync(name, 'utf8'));
}
const reference = referencePages();
for (const [name, text] of Object.entries(reference)) write(join('reference', name), text);
const titles = Object.entries(reference).map(([name, text]) => [/^# (.*)/.exec(text)[1], name]);
const contents = titles.map(([title, name]) => `| [${title}](${name}) |`);
write(
  'reference/README.md',
  ['# Reference by subject', '', '| page |', '| --- |', ...contents, ''].join('\n'),
);
