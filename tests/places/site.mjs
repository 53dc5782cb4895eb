// Sites with pages and a server, of frameworks.
import { strict as assert } from 'node:assert';
import { assertFound } from './tools.mjs';

/** Runs what the page at / does, on the main thread and in a worker, and what /api/learn does. */
export async function checkSite(tools, url) {
  assertFound(await tools.browse(`${url}/`));
  assertFound(await tools.browse(`${url}/`, { call: 'inClient' }));
  const response = await fetch(`${url}/api/learn`);
  const text = await response.text();
  assert.equal(response.status, 200, text.slice(0, 500));
  assertFound(JSON.parse(text));
}
