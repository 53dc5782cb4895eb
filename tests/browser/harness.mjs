// A browser, the built page on a server, and a fresh tab for every test of a file.
/* global document -- of the page, in the functions that run there */
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { buildPage, launchBrowser, servePage, watchForErrors } from './page.mjs';

/**
 * Sets them up.
 * @returns an object that holds `server`, `browser`, `page` and its `errors`, and what one does on
 * the page.
 */
export function usePage() {
  const it = {
    /** Opens the page in a tab that shares nothing with those before it. */
    async open() {
      it.context = await it.browser.createBrowserContext();
      const page = await it.context.newPage();
      it.errors = watchForErrors(page);
      await page.setViewport({ width: 1280, height: 900 });
      await page.goto(it.server.url);
      return page;
    },

    textOf: (id) => it.page.$eval(`#${id}`, (element) => element.textContent),

    waitForText: (id, pattern, timeout = 50_000) =>
      it.page.waitForFunction(
        (name, source) => new RegExp(source).test(document.getElementById(name).textContent),
        { timeout },
        id,
        pattern.source,
      ),

    /** Sets an input as its user would. */
    set: (id, value) =>
      it.page.$eval(
        `#${id}`,
        (input, text) => {
          input.value = text;
          input.dispatchEvent(new Event('change'));
        },
        String(value),
      ),

    /** Trains the network that the page suggests, long enough to read what is drawn here. */
    async train(passes = 2) {
      await it.set('epochs', passes);
      await it.page.click('#go');
      // Not the end of an earlier run.
      await it.waitForText('status', /^(?!Done)/);
      await it.waitForText('status', /^Done/);
    },
  };

  beforeAll(async () => {
    buildPage();
    it.server = await servePage();
    it.browser = await launchBrowser();
  });
  afterAll(async () => {
    await it.browser?.close();
    await it.server?.stop();
  });
  beforeEach(async () => {
    it.page = await it.open();
  });
  afterEach(() => it.context.close());
  return it;
}
