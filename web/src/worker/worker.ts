// The package's own worker: bundlers find it by the expression in ports.ts.
import { throwInTask } from './ports.js';
import { serve } from './serve.js';

// No top-level await: bundlers may make a classic script of this.
serve().catch(throwInTask);
