// npm run screenshots [-- --readme]
//
// Trains on the built page and writes pictures of it to screenshots/: before and after, phone and
// desktop, light and dark. With --readme it also writes docs/screenshot.png.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  buildPage,
  draw,
  drawings,
  launchBrowser,
  servePage,
  watchForErrors,
} from '../tests/browser/page.mjs';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'screenshots');
const widths = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

const { readme } = parseArgs({ options: { readme: { type: 'boolean', default: false } } }).values;

/** Waits until bars and charts stand still. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 800));

async function train(page) {
  await page.click('#go');
  await page.waitForFunction("document.getElementById('status').textContent.startsWith('Done')", {
    timeout: 120_000,
  });
}

async function takePictures(browser, url, device, theme) {
  const page = await browser.newPage();
  const errors = watchForErrors(page);
  await page.setViewport(widths[device]);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
  await page.goto(url, { waitUntil: 'networkidle0' });
  await settle();
  const take = async (name, options) => {
    await page.evaluate('scrollTo(0, 0)');
    await page.screenshot({ path: join(folder, `${device}-${theme}-${name}.png`), ...options });
  };
  await take('start', { fullPage: true });
  await draw(page, drawings[3]);
  await train(page);
  await page.evaluate('document.activeElement.blur()');
  await page.mouse.move(0, 0);
  await settle();
  await take('trained', { fullPage: true });
  if (readme && device === 'desktop' && theme === 'light') {
    const path = join(root, 'docs/screenshot.png');
    mkdirSync(join(root, 'docs'), { recursive: true });
    // Down to the end of the first row of cards.
    const bottom = await page.$eval('.draw', (card) => card.getBoundingClientRect().bottom);
    const clip = { x: 0, y: 0, width: widths.desktop.width, height: Math.ceil(bottom) + 16 };
    await page.screenshot({ path, clip });
    console.log(`docs/screenshot.png: ${Math.round(statSync(path).size / 1000)} kB`);
  }
  await page.close();
  if (errors.length > 0) throw new Error(errors.join('\n'));
}

mkdirSync(folder, { recursive: true });
buildPage();
const server = await servePage();
const browser = await launchBrowser();
try {
  for (const device of Object.keys(widths)) {
    for (const theme of ['light', 'dark']) {
      await takePictures(browser, server.url, device, theme);
      console.log(`screenshots/${device}-${theme}-{start,trained}.png`);
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
