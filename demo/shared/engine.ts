import { byId } from './dom.js';

/** Names the engine's variant, and why it is that one. */
export function showEngine(engine: { readonly variant: string; readonly reason: string }): void {
  const { variant, reason } = engine;
  const place = byId('engine', HTMLElement);
  place.textContent = variant === 'relaxed' ? 'relaxed SIMD' : 'SIMD';
  place.title = `WebAssembly variant ${variant}: ${reason}`;
}
