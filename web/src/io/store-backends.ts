import { describe, StateError, ValueError } from '../runtime/errors.js';
import { nodeModule } from '../runtime/node.js';
import type { CheckpointStore } from './checkpoint-store.js';

/** The part of Node's file system that is used; a browser's types have none. */
interface FileSystem {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
  readFile(path: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
  stat(path: string): Promise<{ readonly mtimeMs: number }>;
  writeFile(path: string, data: Uint8Array, how: { flag: 'wx'; flush: true }): Promise<void>;
}

function fileSystem(): FileSystem {
  const files = nodeModule('node:fs/promises') as FileSystem | undefined;
  if (files) return files;
  throw new StateError('fileStore: works in Node only; in browsers use indexedDbStore');
}

const codeOf = (error: unknown): unknown => (Object(error) as { code?: unknown }).code;

/** The time in milliseconds after which a part that nobody has renamed is what a crash has left. */
const stale = 24 * 60 * 60 * 1000;

/** Removes what writers that ended in the middle have left. */
async function removeStale(files: FileSystem, folder: string): Promise<void> {
  for (const name of await files.readdir(folder)) {
    if (!/\.npz\.[\w-]+\.part$/.test(name)) continue;
    const path = `${folder}/${name}`;
    try {
      if (Date.now() - (await files.stat(path)).mtimeMs > stale) {
        await files.rm(path, { force: true });
      }
    } catch {
      // Another writer was faster, or it is another's: nothing depends on it.
    }
  }
}

/** Replaces a file; Windows refuses that for a moment while somebody reads it. */
async function rename(files: FileSystem, from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await files.rename(from, to);
      return;
    } catch (error) {
      if (tries === 10 || !['EPERM', 'EACCES', 'EBUSY'].includes(String(codeOf(error))))
        throw error;
      await new Promise((resolve) => setTimeout(resolve, 5 * 2 ** tries * Math.random()));
    }
  }
}

/** Behind `fileStore` of stores.ts. */
export function fileStore(folder: string): CheckpointStore {
  const path = (name: string): string => {
    if (typeof name === 'string' && /^[\w-][\w.-]{0,199}$/.test(name))
      return `${folder}/${name}.npz`;
    throw new ValueError(
      `fileStore: a name is made of letters, digits, '_', '-' and '.', at most 200, got ${describe(name)}`,
    );
  };
  return {
    save: async (name, checkpoint) => {
      const target = path(name);
      const files = fileSystem();
      await files.mkdir(folder, { recursive: true });
      await removeStale(files, folder);
      // Of this save alone, whatever process or thread writes the same name.
      const temporary = `${target}.${crypto.randomUUID()}.part`;
      try {
        await files.writeFile(temporary, checkpoint, { flag: 'wx', flush: true });
        await rename(files, temporary, target);
      } catch (error) {
        await files.rm(temporary, { force: true });
        throw error;
      }
    },
    load: async (name) => {
      const target = path(name);
      const files = fileSystem();
      try {
        return await files.readFile(target);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    remove: async (name) => {
      const target = path(name);
      await fileSystem().rm(target, { force: true });
    },
  };
}

/** Behind `indexedDbStore` of stores.ts. */
export function indexedDbStore(database: string): CheckpointStore {
  const table = 'checkpoints';
  const transact = async <Result>(
    mode: IDBTransactionMode,
    act: (store: IDBObjectStore) => IDBRequest<Result>,
  ): Promise<Result> => {
    if (!('indexedDB' in globalThis)) {
      throw new StateError('indexedDbStore: works in browsers only; in Node use fileStore');
    }
    const opening = indexedDB.open(database, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(table);
    };
    await new Promise((resolve, reject) => {
      opening.onsuccess = resolve;
      opening.onerror = () => {
        reject(opening.error ?? new Error('IndexedDB failed'));
      };
    });
    const connection = opening.result;
    try {
      const transaction = connection.transaction(table, mode, { durability: 'strict' });
      const request = act(transaction.objectStore(table));
      // An error of the request aborts the transaction, and is its error.
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => {
          reject(transaction.error ?? new Error('IndexedDB aborted the transaction'));
        };
      });
      return request.result;
    } finally {
      connection.close();
    }
  };
  return {
    save: async (name, checkpoint) => {
      await transact('readwrite', (store) => store.put(checkpoint, name));
    },
    load: (name) =>
      transact('readonly', (store) => store.get(name) as IDBRequest<Uint8Array | undefined>),
    remove: async (name) => {
      await transact('readwrite', (store) => store.delete(name));
    },
  };
}

/** Behind `opfsStore` of stores.ts. */
export function opfsStore(folder: string): CheckpointStore {
  const open = async (): Promise<FileSystemDirectoryHandle> => {
    // Neither is there in every host.
    const { storage } =
      (globalThis as { navigator?: { storage?: Partial<StorageManager> } }).navigator ?? {};
    if (storage?.getDirectory === undefined) {
      throw new StateError('opfsStore: works in browsers only; in Node use fileStore');
    }
    return (await storage.getDirectory()).getDirectoryHandle(folder, { create: true });
  };
  /** The result, undefined when there is no file. */
  const unlessMissing = async <Result>(promise: Promise<Result>): Promise<Result | undefined> => {
    try {
      return await promise;
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
      throw error;
    }
  };
  return {
    save: async (name, checkpoint) => {
      const handle = await (await open()).getFileHandle(`${name}.npz`, { create: true });
      const file = await handle.createWritable();
      try {
        await file.write(checkpoint as Uint8Array<ArrayBuffer>);
      } catch (error) {
        await file.abort();
        throw error;
      }
      await file.close();
    },
    load: async (name) => {
      const handle = await unlessMissing((await open()).getFileHandle(`${name}.npz`));
      const file = await handle?.getFile();
      // A first save that was cut off leaves an empty file.
      return file && file.size > 0 ? new Uint8Array(await file.arrayBuffer()) : undefined;
    },
    remove: async (name) => {
      await unlessMissing((await open()).removeEntry(`${name}.npz`));
    },
  };
}
