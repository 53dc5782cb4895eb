// The server of a worker of one's own, which loads the engine as any page does.
import { init } from '../runtime/init.js';
import type { Send } from '../runtime/workers.js';
import { createServer } from './server.js';

export function createDefaultServer(send: Send): (message: unknown) => void {
  return createServer(send, init);
}
