import { StateError, ValueError } from '../runtime/errors.js';
import { nodeModule } from '../runtime/node.js';
import type { CheckpointStore } from './checkpoint-store.js';

/** The part of Node's file system that is used; a browser's types have none. */
interface FileHandle {
  writeFile(data: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}
interface FileSystem {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  open(path: string, flags: string): Promise<FileHandle>;
  readFile(path: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
}

function fileSystem(): FileSystem {
  const files = nodeModule('node:fs/promises') as FileSystem | undefined;
  if (files) return files;
  throw new StateError('fileStore: works in Node only; in browsers use indexedDbStore');
}

let temporaryFiles = 0;

/** Behind `fileStore` of stores.ts. */
export function fileStore(folder: string): CheckpointStore {
  const path = (name: string): string => {
    if (/^[\w-][\w.-]*$/.test(name)) return `${folder}/${name}.npz`;
    throw new ValueError(
      `fileStore: a name is made of letters, digits, '_', '-' and '.', got '${name}'`,
    );
  };
  return {
    save: async (name, checkpoint) => {
      const target = path(name);
      const files = fileSystem();
      await files.mkdir(folder, { recursive: true });
      temporaryFiles += 1;
      const unique = `${Date.now()}-${temporaryFiles}`;
      const temporary = `${target}.${unique}.part`;
      try {
        const file = await files.open(temporary, 'wx');
        try {
          await file.writeFile(checkpoint);
          await file.sync();
        } finally {
          await file.close();
        }
        await files.rename(temporary, target);
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
        if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    remove: async (name) => {
      const target = path(name);
      await fileSystem().rm(target, { force: true });
    },
  };
}

/** A request's result, or its error. */
function answer<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('IndexedDB failed'));
    };
  });
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
    const connection = await answer(opening);
    try {
      const transaction = connection.transaction(table, mode, { durability: 'strict' });
      const done = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => {
          resolve();
        };
        transaction.onabort = () => {
          reject(transaction.error ?? new Error('IndexedDB aborted the transaction'));
        };
      });
      const [result] = await Promise.all([answer(act(transaction.objectStore(table))), done]);
      return result;
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
