// The three browser engines, each behind the same few methods: what tests and benchmarks share.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';

const day = 24 * 3600 * 1000;

/** Where each program may be, the one that the environment names first; and who brings it. */
const programs = {
  chromium: {
    variable: 'CHROMIUM',
    places: [
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    packages: 'chromium',
  },
  firefox: {
    variable: 'FIREFOX',
    places: [
      '/usr/bin/firefox-esr',
      '/usr/bin/firefox',
      '/Applications/Firefox.app/Contents/MacOS/firefox',
    ],
    packages: 'firefox-esr',
  },
  webkitDriver: {
    variable: 'WEBKIT_DRIVER',
    places: ['/usr/bin/WebKitWebDriver'],
    packages: 'webkit2gtk-driver xvfb xauth',
  },
  webkit: {
    places: ['4.1', '4.0', '6.0'].flatMap((version) =>
      ['x86_64', 'aarch64'].map(
        (cpu) => `/usr/lib/${cpu}-linux-gnu/webkit2gtk-${version}/MiniBrowser`,
      ),
    ),
    packages: 'webkit2gtk-driver',
  },
  xvfb: { places: ['/usr/bin/xvfb-run'], packages: 'xvfb xauth' },
};

/** Path of one of the programs above. */
function pathOf(name) {
  const { variable, places, packages } = programs[name];
  const path = [process.env[variable], ...places].find((place) => place && existsSync(place));
  if (path) return path;
  throw new Error(`${places[0]} is missing: apt-get install --no-install-recommends ${packages}`);
}

/** Puppeteer's options for each of its browsers. */
const puppeteerOptions = {
  chromium: () => ({
    executablePath: pathOf('chromium'),
    // A browser that keeps to itself, and works as hard in the background.
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--disable-quic', '--disable-background-timer-throttling'],
      '--disable-renderer-backgrounding',
      // A camera that shows a moving picture and a microphone that beeps, which pages may use unasked.
      ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
    ],
  }),
  firefox: () => ({ browser: 'firefox', executablePath: pathOf('firefox') }),
};

/** Starts Chromium or Firefox under puppeteer. */
export function launchPuppeteer(name) {
  return puppeteer.launch({ protocolTimeout: day, ...puppeteerOptions[name]() });
}

async function openInPuppeteer(name, url) {
  const browser = await launchPuppeteer(name);
  const page = await browser.newPage();
  await page.goto(url);
  return {
    version: await browser.version(),
    run: (f, ...parameters) => page.evaluate(f, ...parameters),
    goto: (address) => page.goto(address),
    async drag([[x, y], ...points]) {
      await page.mouse.move(x, y);
      await page.mouse.down();
      for (const point of points) await page.mouse.move(...point, { steps: 6 });
      await page.mouse.up();
    },
    close: () => browser.close(),
  };
}

/** An HTTP request without the time limit that fetch has: some peers compute for minutes. */
function ask(method, url, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request(url, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => (text += part));
      response.on('end', () => resolve(text));
    });
    asked.on('error', reject);
    asked.end(body && JSON.stringify(body));
  });
}

/** W3C WebDriver, as much as it takes. */
async function openInWebDriver(root, capabilities, url) {
  const send = async (method, path, body) => {
    const { value } = JSON.parse(await ask(method, root + path, body));
    if (value?.error) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  const { sessionId, capabilities: got } = await send('POST', '/session', {
    capabilities: { alwaysMatch: capabilities },
  });
  const session = `/session/${sessionId}`;
  await send('POST', `${session}/timeouts`, { script: day, pageLoad: 60_000 });
  const goto = (address) => send('POST', `${session}/url`, { url: address });
  await goto(url);
  const move = ([x, y]) => ({
    type: 'pointerMove',
    duration: 20,
    origin: 'viewport',
    ...{ x: Math.round(x), y: Math.round(y) },
  });
  return {
    version: `${got.browserName} ${got.browserVersion}`,
    async run(f, ...parameters) {
      const { result, error } = await send('POST', `${session}/execute/async`, {
        script: `const [parameters, done] = arguments;
          (async () => (${f})(...parameters))().then(
            (result) => done({ result }), (error) => done({ error: String(error) }));`,
        args: [parameters],
      });
      if (error !== undefined) throw new Error(error);
      return result;
    },
    goto,
    drag: ([first, ...points]) =>
      send('POST', `${session}/actions`, {
        actions: [
          {
            type: 'pointer',
            id: 'mouse',
            parameters: { pointerType: 'mouse' },
            actions: [
              move(first),
              { type: 'pointerDown', button: 0 },
              ...points.map(move),
              { type: 'pointerUp', button: 0 },
            ],
          },
        ],
      }),
    close: () => send('DELETE', session),
  };
}

async function openInWebKit(url) {
  const port = 20_000 + (process.pid % 20_000);
  const home = mkdtempSync(join(tmpdir(), 'lamella-webkit-'));
  const child = spawn(pathOf('xvfb'), ['-a', pathOf('webkitDriver'), `--port=${port}`], {
    env: { ...process.env, HOME: home, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' },
    stdio: 'ignore',
    // A group of its own, so that all of it can be ended.
    detached: true,
  });
  const stop = () => {
    process.kill(-child.pid);
    rmSync(home, { recursive: true, force: true });
  };
  const root = `http://127.0.0.1:${port}`;
  try {
    for (let tries = 0; !(await ask('GET', `${root}/status`).catch(() => '')); tries++) {
      if (tries === 100) throw new Error('WebKitWebDriver does not answer');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const options = { binary: pathOf('webkit'), args: ['--automation'] };
    const opened = await openInWebDriver(root, { 'webkitgtk:browserOptions': options }, url);
    // It may be gone before it answers; then it is what we want.
    const close = () =>
      opened
        .close()
        .catch(() => undefined)
        .then(stop);
    return { ...opened, close };
  } catch (error) {
    stop();
    throw error;
  }
}

const engines = {
  chromium: (url) => openInPuppeteer('chromium', url),
  firefox: (url) => openInPuppeteer('firefox', url),
  webkit: openInWebKit,
};

/** Names of the engines. */
export const engineNames = Object.keys(engines);

/**
 * Opens an address in a browser of its own.
 * @returns version; run(function, …parameters), which runs in the page and is awaited;
 * goto(address); drag(points), with the pointer pressed, in pixels of the window; close().
 */
export function openIn(name, url) {
  if (engineNames.includes(name)) return engines[name](url);
  throw new Error(`the browser must be one of ${engineNames.join(', ')}, got ${name}`);
}
