// Peers in a page of a browser, each in an iframe of its own.
import { bundle } from '../browser/bundle.mjs';
import { launch } from '../browser/engines.mjs';
import { serve } from '../browser/serve.mjs';

const assets = {
  tfjs: '/assets/tfjs/',
  onnxruntime: '/assets/onnxruntime/',
  litert: '/assets/litert/',
};

export async function browserHost(name, progress) {
  progress('bundling the page');
  await bundle();
  const server = await serve();
  let engine;
  try {
    engine = await launch(name, server.url);
  } catch (error) {
    server.stop();
    throw error;
  }

  async function openFrame() {
    const id = await engine.evaluate('openFrame');
    return {
      async call(method, ...parameters) {
        // Undefined parameters do not survive the way into a page.
        const sent = parameters.map((each) => each ?? null);
        const { result, error } = await engine.evaluate('callFrame', id, method, sent);
        if (error) throw new Error(error);
        return result;
      },
      close: () => engine.evaluate('closeFrame', id).catch(() => undefined),
    };
  }

  return {
    name: engine.name,

    async once(method, ...parameters) {
      const frame = await openFrame();
      try {
        return await frame.call(method, ...parameters);
      } finally {
        await frame.close();
      }
    },

    async open(instance) {
      const frame = await openFrame();
      return { ...frame, opened: await frame.call('open', { ...instance, assets }) };
    },

    startup(instance) {
      return this.once('startup', { ...instance, assets });
    },

    async close() {
      await engine.close();
      server.stop();
    },
  };
}
