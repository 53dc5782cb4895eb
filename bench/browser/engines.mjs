// Starts a browser on an address: { name, evaluate(name of a function in the page, …), close }.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const day = 24 * 3600 * 1000;

function programAt(paths, packages) {
  const path = paths.find((each) => existsSync(each));
  if (!path)
    throw new Error(`${paths[0]} is missing: apt-get install --no-install-recommends ${packages}`);
  return path;
}

async function withPuppeteer(url, options) {
  const { default: puppeteer } = await import('puppeteer-core');
  const browser = await puppeteer.launch({ headless: true, protocolTimeout: day, ...options });
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction('globalThis.ready');
  return {
    name: await browser.version(),
    evaluate: (name, ...parameters) =>
      page.evaluate((f, list) => globalThis[f](...list), name, parameters),
    close: () => browser.close(),
  };
}

const chromiumFlags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
  ...['--disable-background-timer-throttling', '--disable-renderer-backgrounding'],
];

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
async function withWebDriver(url, root, capabilities) {
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
  await send('POST', `${session}/url`, { url });
  const run = (script, args) => send('POST', `${session}/execute/async`, { script, args });
  const waiting = `const [done] = arguments;
    (function look() { globalThis.ready ? done(true) : setTimeout(look, 50); })();`;
  await run(waiting, []);
  return {
    name: `${got.browserName} ${got.browserVersion}`,
    evaluate: (name, ...parameters) =>
      run(
        `const [name, parameters, done] = arguments;
         Promise.resolve(globalThis[name](...parameters)).then(done, (e) => done({ error: String(e) }));`,
        [name, parameters],
      ),
    close: () => send('DELETE', session),
  };
}

async function webkit(url) {
  const driver = programAt(['/usr/bin/WebKitWebDriver'], 'webkit2gtk-driver xvfb xauth');
  const xvfb = programAt(['/usr/bin/xvfb-run'], 'xvfb xauth');
  const binary = programAt(
    ['4.1', '4.0', '6.0'].flatMap((version) =>
      ['x86_64', 'aarch64'].map(
        (cpu) => `/usr/lib/${cpu}-linux-gnu/webkit2gtk-${version}/MiniBrowser`,
      ),
    ),
    'webkit2gtk-driver',
  );
  const port = 20_000 + (process.pid % 20_000);
  const home = mkdtempSync(join(tmpdir(), 'bench-webkit-'));
  const child = spawn(xvfb, ['-a', driver, `--port=${port}`], {
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
    const engine = await withWebDriver(url, root, {
      'webkitgtk:browserOptions': { binary, args: ['--automation'] },
    });
    return {
      ...engine,
      // It may be gone before it answers; then it is what we want.
      close: () =>
        engine
          .close()
          .catch(() => undefined)
          .then(stop),
    };
  } catch (error) {
    stop();
    throw error;
  }
}

const engines = {
  chromium: (url) =>
    withPuppeteer(url, {
      executablePath: programAt(['/usr/bin/chromium'], 'chromium'),
      args: chromiumFlags,
    }),
  firefox: (url) =>
    withPuppeteer(url, {
      browser: 'firefox',
      executablePath: programAt(['/usr/bin/firefox-esr', '/usr/bin/firefox'], 'firefox-esr'),
    }),
  webkit,
};

export async function launch(name, url) {
  const start = engines[name];
  if (!start) throw new Error(`--browser must be one of ${Object.keys(engines).join(', ')}`);
  return start(url);
}
