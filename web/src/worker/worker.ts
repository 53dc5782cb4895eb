// The package's own worker: bundlers find it by the expression in ports.ts.
import { serve } from './serve.js';

await serve();
