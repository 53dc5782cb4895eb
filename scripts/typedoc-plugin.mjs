// A plugin of typedoc. Its pages have no landmarks and skip levels of headings: who hears a page goes by these.
// Examples run in their pages by site.js, which wants the library beside them.
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';

const landmarks = [
  ['<div class="col-content">', '<div class="col-content" role="main">'],
  ['<div class="page-menu">', '<div class="page-menu" role="region" aria-label="On this page">'],
  ['<div class="site-menu">', '<div class="site-menu" role="region" aria-label="Site">'],
];

/** Says of each heading how deep it is among those around it. */
function withLevels(html) {
  const around = [];
  return html.replace(/<h([1-6])(?=[ >])/g, (tag, level) => {
    while (around.at(-1) >= level) around.pop();
    around.push(level);
    return `${tag} aria-level="${around.length}"`;
  });
}

export function load(app) {
  app.renderer.on('endPage', (page) => {
    for (const [before, after] of landmarks) page.contents = page.contents.replace(before, after);
    page.contents = withLevels(page.contents);
  });
  app.renderer.on('endRender', ({ outputDirectory }) => {
    const filter = (file) => basename(file) === 'dist' || /\.(js|wasm)$/.test(file);
    cpSync('dist', join(outputDirectory, 'lamella'), { recursive: true, filter });
  });
}
