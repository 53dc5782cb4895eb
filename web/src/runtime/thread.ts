// The script of a thread.
import type { ThreadStart } from '../wasm/start-threads.js';
import { serveThread } from './serve-thread.js';
import { onParentMessage } from './workers.js';

const send = onParentMessage((start) => {
  serveThread(start as ThreadStart, () => send?.('ready'));
});
