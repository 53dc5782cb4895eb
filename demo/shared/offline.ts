import { byId } from './dom.js';

/**
 * Keeps the page and the engine in the browser, for when there is no network; the data files are
 * kept where they are loaded. Not while it is being developed, nor where browsers do not allow it
 * (neither https nor this machine).
 * @returns a function to call with the engine's variant, once it is loaded.
 */
export function keepOffline(): (variant: string) => void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return () => undefined;
  const registered = navigator.serviceWorker.register('./service-worker.js');
  navigator.serviceWorker.addEventListener('message', () => {
    byId('offline', HTMLElement).hidden = false;
  });
  registered.catch((error: unknown) => {
    // The page works all the same; whoever looks for the reason finds it.
    console.warn('This page is not kept for use without a network.', error);
  });
  return (variant) => {
    void registered
      .then(() => navigator.serviceWorker.ready)
      .then(({ active }) => active?.postMessage({ variant }));
  };
}
