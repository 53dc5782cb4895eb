/* global lamella */
globalThis.result = () => globalThis.learn(lamella);
const call = new URLSearchParams(location.search).get('call');
if (call) {
  globalThis[call]().then(
    (found) => parent.postMessage(found, '*'),
    (error) => parent.postMessage({ error: String(error) }, '*'),
  );
}
