// The page after an update, from a server whose files browsers may keep as long as they like.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPage, builtPage, launchBrowser, servePage, watchForErrors } from './page.mjs';

/** The pages' files; a visitor asks for the first one by the folder's address. */
const pages = ['index.html', 'teach.html'];

let browser;
let folder;
beforeAll(async () => {
  buildPage();
  browser = await launchBrowser();
  folder = mkdtempSync(join(tmpdir(), 'lamella-update-'));
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** The pages' next version: other names of their scripts, another service worker. */
function nextVersion(name) {
  const files = join(folder, name);
  cpSync(builtPage, files, { recursive: true });
  const assets = join(files, 'assets');
  const renamed = readdirSync(assets).filter((file) => /^(index|teach)-.*\.js$/.test(file));
  expect(renamed).toHaveLength(2);
  const newName = (file) => file.replace(/^\w+-/, `${name}-`);
  const rewrite = (file) => {
    const path = join(files, file);
    let text = readFileSync(path, 'utf8');
    for (const each of renamed) text = text.replaceAll(each, newName(each));
    writeFileSync(path, text.replace(/VERSION = '\w+'/, `VERSION = '${name}'`));
  };
  for (const page of pages) rewrite(page);
  rewrite('service-worker.js');
  for (const each of readdirSync(assets)) if (each.endsWith('.js')) rewrite(`assets/${each}`);
  for (const each of renamed) {
    cpSync(join(assets, each), join(assets, newName(each)));
    rmSync(join(assets, each));
  }
  return files;
}

const scriptOf = (page) => page.$eval('script[type=module]', ({ src }) => src.split('/').at(-1));

/** Opens the page and waits until its service worker, the newest one, is installed. */
async function visit(context, url) {
  const page = await context.newPage();
  const errors = watchForErrors(page);
  await page.goto(url);
  await page.waitForSelector('#load:not([disabled])');
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update().catch(() => undefined);
    while (registration.installing) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  return { page, errors };
}

test.each(['max-age=600', 'max-age=31536000, immutable', 'no-store', 'no-cache'])(
  'it is the new one after an update behind cache-control: %s',
  async (control) => {
    const server = await servePage(builtPage, { 'cache-control': control });
    const context = await browser.createBrowserContext();
    try {
      const first = await visit(context, server.url);
      expect(await scriptOf(first.page)).toMatch(/^index-/);
      server.serve(nextVersion(`next-${control.replace(/\W/g, '')}`));
      // The old version, which fetches the new one for the next time.
      const second = await visit(context, server.url);
      expect(await scriptOf(second.page)).toMatch(/^index-/);
      for (const { page } of [first, second]) await page.close();
      for (const path of ['', 'teach.html', '']) {
        const { page, errors } = await visit(context, server.url + path);
        expect(await scriptOf(page)).toMatch(/^next-/);
        expect(errors).toEqual([]);
        await page.close();
      }
      expect(server.missing).toEqual([]);
    } finally {
      await context.close();
      await server.stop();
    }
  },
);

test.each(pages)('%s of another version, from a cache in between, is not taken', async (name) => {
  const server = await servePage();
  const context = await browser.createBrowserContext();
  try {
    const first = await visit(context, server.url);
    // The new service worker with the old page.
    const files = nextVersion('torn');
    cpSync(join(builtPage, name), join(files, name));
    server.serve(files);
    const second = await visit(context, server.url);
    for (const { page } of [first, second]) await page.close();
    const { page, errors } = await visit(context, server.url);
    expect(await scriptOf(page)).toMatch(/^index-/);
    expect(errors.filter((error) => !error.includes('of another version'))).toEqual([]);
    await page.goto(`${server.url}teach.html`);
    expect(await scriptOf(page)).toMatch(/^teach-/);
  } finally {
    await context.close();
    await server.stop();
  }
});
