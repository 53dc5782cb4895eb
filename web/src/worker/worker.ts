// The package's own worker: bundlers find it by the expression in ports.ts.
import { serve } from './serve.js';

// No top-level await: bundlers may make a classic script of this.
serve().catch((error: unknown) => {
  // A task of its own: only what it throws is an error event for the page.
  setTimeout(() => {
    throw error;
  });
});
