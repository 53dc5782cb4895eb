import type { Reply, Request } from './protocol.js';

type ReplyOf<T extends Reply['type']> = Extract<Reply, { type: T }>;
type Handlers = { [T in Reply['type']]: (reply: ReplyOf<T>) => void };

/** The page's end of the conversation with the worker. */
export class Client {
  readonly #worker = new Worker(new URL('./worker/worker.ts', import.meta.url), {
    type: 'module',
  });
  readonly #listeners = new Map<Reply['type'], ((reply: never) => void)[]>();

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      this.#tell(data);
    };
    this.#worker.onerror = ({ message }) => {
      const reason = message || 'its script could not be loaded';
      this.#tell({ type: 'error', message: `The worker failed: ${reason}.`, endsRun: true });
    };
  }

  on<T extends Reply['type']>(type: T, listener: Handlers[T]): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(request: Request): void {
    this.#worker.postMessage(request);
  }

  #tell(reply: Reply): void {
    for (const listener of this.#listeners.get(reply.type) ?? []) listener(reply as never);
  }
}
