/** As load-formats.ts, by address: see script-tag.ts. */
export const loadFormats = (): Promise<typeof import('./formats.js')> =>
  import(/* @vite-ignore */ new URL('./formats.js', import.meta.url).href) as Promise<
    typeof import('./formats.js')
  >;
