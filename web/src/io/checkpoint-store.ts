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
