// Keeps the pages for the next time, also without a network. vite.config.ts puts the lists of pages
// and other files and a version that follows from them in front.
/* global FILES, PAGES, VERSION */
const cacheName = `lamella-page-${VERSION}`;

/** The pages themselves; what is loaded on demand comes in when it is asked for. */
const isShell = (file) =>
  !/\/(simd|relaxed|threads|relaxed-threads|tensorflow|lamella|tfjs-backend-wasm-simd)[.-]/.test(
    file,
  );
const addressOf = (file) => new URL(file, self.registration.scope).href;
const urls = new Set(FILES.map(addressOf));
const pages = new Set(PAGES.map(addressOf));

async function add(files) {
  const cache = await caches.open(cacheName);
  const held = new Set((await cache.keys()).map(({ url }) => url));
  await cache.addAll(files.filter((file) => !held.has(addressOf(file))));
}

/**
 * Keeps a page's own file, whose name is the same in every version: from the server, since the
 * browser's cache may hold the last version's for as long as the server allows. One that asks for
 * files of another version comes from a cache in between: the worker that is there stays.
 */
async function addPage(page) {
  const response = await fetch(new Request(page, { cache: 'reload' }));
  if (!response.ok) throw new Error(`${page}: ${response.status}`);
  const text = await response.clone().text();
  for (const [, file] of text.matchAll(/(?:src|href)="(\.\/assets\/[^"]+)"/g)) {
    if (!urls.has(addressOf(file))) throw new Error(`${page} is of another version`);
  }
  await (await caches.open(cacheName)).put(page, response);
}

async function install() {
  await Promise.all([...pages].map(addPage));
  await add(FILES.filter(isShell));
}

async function removeOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith('lamella-page-') && name !== cacheName);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(request, url) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(url);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(url, response.clone());
  return response;
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(removeOthers()));

// The first time, the engine was loaded before this worker was there: the page says which it was.
self.addEventListener('message', (event) => {
  const engine = FILES.filter((file) => file.includes(`/${event.data.variant}.bytes-`));
  event.waitUntil(add(engine).then(() => event.source.postMessage('kept')));
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  url.search = url.hash = '';
  if (pages.has(url.href) || urls.has(url.href)) event.respondWith(answer(event.request, url.href));
});
