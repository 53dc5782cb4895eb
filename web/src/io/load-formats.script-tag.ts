import type { Formats } from './load-formats.js';

/** As load-formats.ts, by address: see script-tag.ts. */
export const loadFormats = (): Promise<Formats> =>
  import(/* @vite-ignore */ new URL('./formats.js', import.meta.url).href) as Promise<Formats>;
