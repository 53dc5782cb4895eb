// The checks of places share these: programs, servers, browsers.
import { strict as assert } from 'node:assert';
import { execFile, spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { launchPuppeteer, openIn } from '../../scripts/browsers.mjs';
import { root, serve } from '../package/stranger.mjs';

const browsers = new Map();
const versions = {};

/** Ends the browsers that were started. */
export async function closeBrowsers() {
  for (const browser of browsers.values()) await (await browser).close();
}

function browserOf(name) {
  if (!browsers.has(name)) browsers.set(name, launchPuppeteer(name));
  return browsers.get(name);
}

/** The result of check.mjs: it has learned y = 2 a + 3 b + 1. */
export function assertFound(result) {
  assert.ok(Math.abs(result.prediction - 11) < 1e-3, JSON.stringify(result));
  return result;
}

/** The message of what a function throws. */
export async function errorOf(body) {
  try {
    await body();
  } catch (error) {
    return error.message;
  }
  throw new Error('it ended without an error');
}

/** Means for one check in a project's folder; `close` ends what they started. */
export function createTools(folder) {
  const started = [];
  const paths = [join(folder, 'node_modules/.bin'), join(root, 'node_modules/.bin')];
  // The Node that runs this, and the project's programs.
  const env = {
    ...process.env,
    PATH: [...paths, join(process.execPath, '..'), process.env.PATH].join(delimiter),
    NODE_OPTIONS: '',
    NO_COLOR: '1',
    CI: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    NUXT_TELEMETRY_DISABLED: '1',
    ASTRO_TELEMETRY_DISABLED: '1',
    WRANGLER_SEND_METRICS: 'false',
  };
  delete env.NODE_ENV;

  /** Runs a program in the folder; gives what it prints. */
  const run = async (program, ...parameters) => {
    try {
      const options = { cwd: folder, env, maxBuffer: 2 ** 26, timeout: 180_000 };
      const { stdout } = await promisify(execFile)(program, parameters, options);
      return stdout;
    } catch (error) {
      const { message, stdout = '' } = error;
      throw new Error(`${program} ${parameters.join(' ')}: ${message}\n${stdout.slice(-3000)}`, {
        cause: error,
      });
    }
  };

  /** Starts a server, and waits until it prints its address. */
  const start = async (program, ...parameters) => {
    const child = spawn(program, parameters, {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group, which is ended whole
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    started.push(async () => {
      try {
        process.kill(-child.pid);
      } catch {
        // It has ended by itself.
      }
      await Promise.race([ended, sleep(5000)]);
    });
    let text = '';
    return new Promise((resolve, reject) => {
      const read = (part) => {
        text += part;
        const [, port] =
          /https?:\/\/(?:127\.0\.0\.1|localhost|\[::1?\]|0\.0\.0\.0):(\d+)/.exec(text) ?? [];
        if (port) resolve(`http://localhost:${port}`);
      };
      child.stdout.setEncoding('utf8').on('data', read);
      child.stderr.setEncoding('utf8').on('data', read);
      child.on('error', reject);
      child.on('exit', () => reject(new Error(`${program} ended: ${text.slice(-3000)}`)));
      setTimeout(
        () => reject(new Error(`${program} gave no address: ${text.slice(-3000)}`)),
        90_000,
      ).unref();
    });
  };

  /** Serves a part of the folder with some headers. */
  const host = async (path = '.', headers = {}) => {
    const server = await serve(join(folder, path), headers);
    started.push(server.close);
    return server;
  };

  /**
   * Opens a page and gives what its function `result` does, or throws what it throws.
   * @param parameters - For that function.
   */
  const browse = async (
    url,
    { browser: name = 'chromium', call = 'result', parameters = [], patience = 400 } = {},
  ) => {
    // Serialised into the page.
    const visit = async (call, parameters, patience) => {
      for (let tries = 0; typeof globalThis[call] !== 'function'; tries++) {
        if (tries === patience) throw new Error(`the page has no function ${call}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return globalThis[call](...parameters);
    };
    if (name === 'webkit') {
      const page = await openIn(name, url);
      versions[name] = page.version;
      try {
        return await page.run(visit, call, parameters, patience);
      } finally {
        await page.close();
      }
    }
    const context = await (await browserOf(name)).createBrowserContext();
    const told = [];
    try {
      const page = await context.newPage();
      page.on('console', (message) => told.push(message.text()));
      page.on('pageerror', (error) => told.push(String(error)));
      await page.goto(url);
      return await page.evaluate(visit, call, parameters, patience);
    } catch (error) {
      throw new Error(`${error.message}\nthe console: ${told.join('\n').slice(0, 2000)}`, {
        cause: error,
      });
    } finally {
      await context.close();
    }
  };

  const close = async () => {
    for (const stop of started) await stop();
  };

  /** Name and version of a browser. */
  const versionOf = async (name) => {
    if (name === 'webkit') {
      return versions.webkit;
    }
    return (await browserOf(name)).version();
  };

  return { folder, run, start, host, browse, versionOf, close };
}
