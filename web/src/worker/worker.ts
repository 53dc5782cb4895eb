// The package's own worker: bundlers find it by the expression in connection.ts. As `serve`, with the
// server there before anything can arrive.
import { onParentMessage } from '../runtime/workers.js';
import { createServer } from './server.js';

const send = onParentMessage((message) => receive?.(message));
const receive = send && createServer(send);
