import { reject } from '../runtime/checks.js';
import type { CheckpointStore } from './checkpoint-store.js';

/** A store whose code is loaded when it is first used. */
function onDemand(
  open: (formats: typeof import('./formats.js')) => CheckpointStore,
): CheckpointStore {
  const store = async (): Promise<CheckpointStore> => open(await import('./formats.js'));
  return {
    save: async (name, checkpoint) => (await store()).save(name, checkpoint),
    load: async (name) => (await store()).load(name),
    remove: async (name) => (await store()).remove(name),
  };
}

/**
 * Keeps checkpoints as files `{name}.npz` in a folder, in Node. A checkpoint is written under
 * another name, forced to disk and renamed, which file systems do in one step.
 */
export function fileStore(folder: string): CheckpointStore {
  if (typeof folder !== 'string') reject('fileStore: folder', 'a path', folder);
  return onDemand((formats) => formats.fileStore(folder));
}

/**
 * Keeps checkpoints in the browser's IndexedDB, also in workers. Each is written in one
 * transaction, which takes place as a whole or not at all; `save` resolves when it has.
 * @param database - Name of the database, which this store has to itself.
 */
export function indexedDbStore(database = 'lamella'): CheckpointStore {
  if (typeof database !== 'string') reject('indexedDbStore: database', 'a name', database);
  return onDemand((formats) => formats.indexedDbStore(database));
}

/**
 * Keeps checkpoints as files `{name}.npz` in the origin private file system of a browser, also in
 * workers, for those too large for IndexedDB to copy. A file is written beside the one it replaces
 * when closed (File System Standard, `createWritable`), which Safari has from version 26.
 * @param folder - Name of the folder, which this store has to itself.
 */
export function opfsStore(folder = 'lamella'): CheckpointStore {
  if (typeof folder !== 'string') reject('opfsStore: folder', 'a name', folder);
  return onDemand((formats) => formats.opfsStore(folder));
}
