import { reject } from '../runtime/checks.js';
import type { CheckpointStore } from './checkpoint-store.js';
import { loadStores } from './on-demand.js';

/** A store whose code is loaded when it is first used. */
function onDemand(
  kind: 'fileStore' | 'indexedDbStore' | 'opfsStore',
  place: string,
): CheckpointStore {
  if (typeof place !== 'string' || !place) reject(`${kind}: its place`, 'a name', place);
  const store = async (): Promise<CheckpointStore> => (await loadStores())[kind](place);
  return {
    save: async (name, checkpoint) => {
      if (!ArrayBuffer.isView(checkpoint)) reject(`${kind}: checkpoint`, 'bytes', checkpoint);
      return (await store()).save(name, checkpoint);
    },
    load: async (name) => (await store()).load(name),
    remove: async (name) => (await store()).remove(name),
  };
}

/**
 * Keeps checkpoints as files `{name}.npz` in a folder, in Node. A checkpoint is written under
 * another name of its own, forced to disk and renamed, which file systems do in one step: any number
 * of processes and threads may save one name. The next save removes, a day later, what a crash left.
 */
export function fileStore(folder: string): CheckpointStore {
  return onDemand('fileStore', folder);
}

/**
 * Keeps checkpoints in the browser's IndexedDB, also in workers. Each is written in one
 * transaction, which takes place as a whole or not at all; `save` resolves when it has.
 * @param database - Name of the database, which this store has to itself.
 */
export function indexedDbStore(database = 'lamella'): CheckpointStore {
  return onDemand('indexedDbStore', database);
}

/**
 * Keeps checkpoints as files `{name}.npz` in the origin private file system of a browser, also in
 * workers, for those too large for IndexedDB to copy. A file is written beside the one it replaces
 * when closed (File System Standard, `createWritable`), which Safari has from version 26.
 * @param folder - Name of the folder, which this store has to itself.
 */
export function opfsStore(folder = 'lamella'): CheckpointStore {
  return onDemand('opfsStore', folder);
}
