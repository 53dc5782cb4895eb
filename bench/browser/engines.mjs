// Starts a browser on an address: { name, evaluate(name of a function in the page, …), close }.
import { engineNames, openIn } from '../../scripts/browsers.mjs';

/** Runs in the page. */
function untilReady() {
  return new Promise((resolve) => {
    (function look() {
      if (globalThis.ready) resolve();
      else setTimeout(look, 50);
    })();
  });
}

export async function launch(name, url) {
  if (!engineNames.includes(name)) {
    throw new Error(`--browser must be one of ${engineNames.join(', ')}`);
  }
  const page = await openIn(name, url);
  await page.run(untilReady);
  return {
    name: page.version,
    evaluate: (method, ...parameters) =>
      page.run((called, list) => globalThis[called](...list), method, parameters),
    close: page.close,
  };
}
