// The page: an iframe for each peer, so that each has globals of its own.
const { document } = globalThis;
const frames = new Map();
let next = 0;

/** Adds a frame and returns its number. */
globalThis.openFrame = async () => {
  const frame = document.createElement('iframe');
  frame.src = 'frame.html';
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
  document.body.append(frame);
  await loaded;
  frames.set(++next, frame);
  return next;
};

globalThis.closeFrame = (id) => {
  frames.get(id)?.remove();
  frames.delete(id);
};

/** Calls a function of a frame by name; errors come back as { error }. */
globalThis.callFrame = async (id, method, parameters) => {
  try {
    return { result: (await frames.get(id).contentWindow.bench[method](...parameters)) ?? null };
  } catch (error) {
    return { error: String(error?.stack ?? error) };
  }
};

globalThis.ready = true;
