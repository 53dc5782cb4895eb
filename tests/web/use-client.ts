// The client that the tests of a file share.
import { afterAll, beforeAll } from '@jest/globals';
import { init } from 'lamella';
import { createWorkerClient, type WorkerClient } from 'lamella/worker';

/** Starts a client before the first test, with the engine on this side, too; ends it after the last. */
export function useClient(): { readonly client: WorkerClient } {
  let client: WorkerClient | undefined;
  beforeAll(async () => {
    const { variant } = await init();
    client = await createWorkerClient({ variant });
  });
  afterAll(() => client?.dispose());
  return {
    get client() {
      if (client) return client;
      throw new Error('useClient: there is none before the first test');
    },
  };
}
