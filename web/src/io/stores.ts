import { type Formats, loadFormats } from './load-formats.js';

/**
 * Where checkpoints are kept, by name. Writing is atomic: whatever happens meanwhile, a name stands
 * for the whole old checkpoint or the whole new one.
 */
export interface CheckpointStore {
  /** Keeps a checkpoint, in the place of the one of that name if there is one. */
  save(name: string, checkpoint: Uint8Array): Promise<void>;
  /** The checkpoint of that name; undefined when there is none. */
  load(name: string): Promise<Uint8Array | undefined>;
  /** Forgets the checkpoint of that name, if there is one. */
  remove(name: string): Promise<void>;
}

/** A store whose code is loaded when it is first used. */
function onDemand(open: (formats: Formats) => CheckpointStore): CheckpointStore {
  const store = async (): Promise<CheckpointStore> => open(await loadFormats());
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
  return onDemand((formats) => formats.fileStore(folder));
}

/**
 * Keeps checkpoints in the browser's IndexedDB, also in workers. Each is written in one
 * transaction, which takes place as a whole or not at all; `save` resolves when it has.
 * @param database - Name of the database, which this store has to itself.
 */
export function indexedDbStore(database = 'lamella'): CheckpointStore {
  return onDemand((formats) => formats.indexedDbStore(database));
}

/**
 * Keeps checkpoints as files `{name}.npz` in the origin private file system of a browser, also in
 * workers, for those too large for IndexedDB to copy. A file is written beside the one it replaces
 * when closed (File System Standard, `createWritable`), which Safari has from version 26.
 * @param folder - Name of the folder, which this store has to itself.
 */
export function opfsStore(folder = 'lamella'): CheckpointStore {
  return onDemand((formats) => formats.opfsStore(folder));
}
