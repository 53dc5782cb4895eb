// The site that `npm run docs` makes: its links, its search, and axe.
/* global document -- of the page, in the functions that run there */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { deadLinks, filesOf } from '../links.mjs';
import { root } from '../markdown.mjs';
import { launchBrowser, servePage, watchForErrors } from './page.mjs';

const site = join(root, 'build/site');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

let browser;
let server;
let context;

beforeAll(async () => {
  // Types are the lint suite's business.
  const parameters = ['run', '--silent', 'docs', '--', '--logLevel', 'Warn', '--skipErrorChecking'];
  execFileSync('npm', parameters, { cwd: root, env: { ...process.env, NODE_OPTIONS: '' } });
  // TypeDoc's pages have scripts and styles in their text.
  const policy = "default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'";
  server = await servePage(site, { 'content-security-policy': policy });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(() => context?.close());

/** Opens a page of the site: itself, and its errors. */
async function open(name, theme = 'light') {
  context = await browser.createBrowserContext();
  const page = await context.newPage();
  const errors = watchForErrors(page);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
  await page.goto(`${server.url}${name}`);
  return { page, errors };
}

test('has a page for each guide, recipe and subject, and no dead link', () => {
  const pages = filesOf(site, '.html');
  const count = (start) =>
    pages.filter(
      (name) =>
        name.startsWith(`documents/${start}.`) && name.length > `documents/${start}.html`.length,
    ).length;
  const sources = (folder) => filesOf(join(root, folder), '.md').length - 1; // its contents are a page above
  expect(count('Guides')).toBe(sources('docs/guides'));
  expect(count('Cookbook')).toBe(sources('docs/cookbook'));
  expect(count('Reference_by_subject')).toBe(5);
  expect(deadLinks(site, pages)).toEqual([]);
});

test('finds pages by words', async () => {
  const { page, errors } = await open('index.html');
  await page.waitForSelector('#tsd-search-trigger');
  await page.click('#tsd-search-trigger');
  await page.waitForSelector('#tsd-search-input');
  await page.type('#tsd-search-input', 'bag of words');
  await page.waitForFunction(
    () => /bag of words/i.test(document.querySelector('#tsd-search-results').textContent),
    { timeout: 10_000 },
  );
  expect(errors).toEqual([]);
});

test('runs an example in its page', async () => {
  const { page, errors } = await open('index.html');
  await page.locator('pre + button').click();
  const output = 'pre + button + pre';
  await page.waitForFunction(
    (selector) => /\d/.test(document.querySelector(selector).textContent),
    { timeout: 10_000 },
    output,
  );
  const loss = await page.$eval(output, ({ textContent }) => Number(textContent));
  expect(loss).toBeLessThan(0.05);
  expect(errors).toEqual([]);
});

test('runs a page within a page', async () => {
  const { page, errors } = await open('documents/Cookbook.A_spiral,_learned_and_drawn.html');
  const buttons = await page.$$('pre + button');
  expect(buttons).toHaveLength(2);
  await buttons[1].click();
  await page.waitForFunction(
    () => /% of the points/.test(document.querySelector('iframe').contentDocument.title),
    { timeout: 20_000 },
  );
  expect(errors).toEqual([]);
});

// Every kind of page, and the colours of both themes.
test.each([
  ['index.html', 'light'],
  ['index.html', 'dark'],
  ['documents/Cookbook.html', 'light'],
  ['documents/Cookbook.Classes_from_a_CSV_file.html', 'dark'],
  ['documents/Reference_by_subject.Layers.html', 'light'],
  ['classes/lamella.Dense.html', 'light'],
  ['functions/lamella.tensor.html', 'dark'],
])('axe finds nothing to fault in %s, %s', async (name, theme) => {
  const { page, errors } = await open(name, theme);
  await page.evaluate(axe);
  // The sidebar is filled by a script.
  await page.waitForSelector('.tsd-navigation a');
  // TypeDoc's own: a summary of the contents is a link as well, whose target opens it.
  const rules = { 'nested-interactive': { enabled: false } };
  const { violations } = await page.evaluate((own) => globalThis.axe.run({ rules: own }), rules);
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  expect(errors).toEqual([]);
});
