// Relative links of pages, in Markdown and in HTML, that lead to no file or to no place in it.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** The text without code, in which nothing is a link. */
const withoutCode = (text) =>
  text
    .replace(/^( *)```[^]*?^\1```$/gm, '')
    .replace(/(`+)[^`][^]*?\1/g, (code) => code.replace(/[[\](){}]/g, ''));

/** The anchors that GitHub and npm give to headings. */
function anchorsOfMarkdown(text) {
  const seen = new Map();
  const headings = text.replace(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm);
  return Array.from(headings, ([, heading]) => {
    const slug = heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

const kinds = {
  '.md': {
    links: (text) =>
      Array.from(withoutCode(text).matchAll(/\]\(\s*([^)\s]+)\s*\)/g), ([, to]) => to),
    anchors: anchorsOfMarkdown,
  },
  '.html': {
    links: (text) =>
      Array.from(text.matchAll(/ (?:href|src)="([^"]*)"/g), ([, to]) =>
        to.replaceAll('&amp;', '&'),
      ),
    anchors: (text) => Array.from(text.matchAll(/ id="([^"]*)"/g), ([, id]) => id),
  },
};

/** Names of the files of a folder with an ending, in it and below. */
export function filesOf(folder, ending) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(ending))
    .map((name) => name.split(sep).join('/'))
    .sort();
}

/**
 * The dead links of pages, each as "page: link". Addresses with a scheme are not looked at.
 * @param folder - What a link must not lead out of.
 * @param pages - Names of files there, which end in .md or .html.
 */
export function deadLinks(folder, pages) {
  const read = new Map();
  const page = (file) => {
    if (!read.has(file)) {
      const kind = kinds[/\.\w+$/.exec(file)?.[0]];
      const text = kind && readFileSync(file, 'utf8');
      read.set(file, kind && { links: kind.links(text), anchors: new Set(kind.anchors(text)) });
    }
    return read.get(file);
  };
  const isDead = (from, link) => {
    if (/^[a-z][a-z\d+.-]*:/i.test(link)) return false;
    const [path, anchor = ''] = link.split('#').map(decodeURIComponent);
    const file = path === '' ? from : join(dirname(from), path);
    if (relative(folder, file).startsWith('..') || !existsSync(file)) return true;
    if (!statSync(file).isFile()) return true;
    const target = page(file);
    return anchor !== '' && target !== undefined && !target.anchors.has(anchor);
  };
  return pages.flatMap((name) => {
    const from = join(folder, name);
    return page(from)
      .links.filter((link) => isDead(from, link))
      .map((link) => `${name}: ${link}`);
  });
}
