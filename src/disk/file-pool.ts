/**
 * Owns the open descriptors of all storages: at most so many at a time, the least recently used closed first.
 * A torrent of 100,000 files therefore needs no more descriptors than one of ten.
 *
 * Invariants: a file is in the list exactly when it is in its owner's map; the list runs from the least to
 * the most recently used.
 */
import { assert } from '../base/assert.ts';
import { type FileHandle, type FileSystem, FileSystemError } from '../ports/file-system.ts';

/** The open files of one storage, by file. Made by the storage, filled by the pool. */
export type OpenFiles = Map<number, OpenFile>;

class OpenFile {
  readonly owner: OpenFiles;
  readonly file: number;
  readonly handle: FileHandle;
  readonly isWritable: boolean;
  previous: OpenFile | null = null;
  next: OpenFile | null = null;

  constructor(owner: OpenFiles, file: number, handle: FileHandle, isWritable: boolean) {
    this.owner = owner;
    this.file = file;
    this.handle = handle;
    this.isWritable = isWritable;
  }
}

export class FilePool {
  readonly #fileSystem: FileSystem;
  #limit: number;
  #size = 0;
  #oldest: OpenFile | null = null;
  #newest: OpenFile | null = null;

  constructor(fileSystem: FileSystem, limit: number) {
    assert(limit >= 1, 'a pool holds at least one file');
    this.#fileSystem = fileSystem;
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** The handle of `file` when it is open, for writing too if that is asked for; else null. */
  find(owner: OpenFiles, file: number, forWriting: boolean): FileHandle | null {
    const open = owner.get(file);
    if (open === undefined || (forWriting && !open.isWritable)) return null;
    if (this.#newest !== open) {
      this.#unlink(open);
      this.#append(open);
    }
    return open.handle;
  }

  /**
   * Opens `file` of `owner` at `path`; one that is open already is closed first. Throws `FileSystemError`.
   */
  open(owner: OpenFiles, file: number, path: string, mode: 'read' | 'write' | 'create'): FileHandle {
    this.close(owner, file);
    while (this.#size >= this.#limit) this.#close(this.#oldest!);
    const handle = this.#openFreeing(path, mode);
    const open = new OpenFile(owner, file, handle, mode !== 'read');
    owner.set(file, open);
    this.#append(open);
    this.#size++;
    return handle;
  }

  /** Closes `file` if it is open. Throws `FileSystemError`, with the file forgotten all the same. */
  close(owner: OpenFiles, file: number): void {
    const open = owner.get(file);
    if (open !== undefined) this.#close(open);
  }

  /** Closes every file of `owner`; throws the first `FileSystemError` after all are closed. */
  closeAll(owner: OpenFiles): void {
    let first: FileSystemError | null = null;
    for (const open of [...owner.values()]) {
      try {
        this.#close(open);
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        first ??= error;
      }
    }
    if (first !== null) throw first;
  }

  /**
   * Opens, giving up half of our descriptors until the system is content. The pool stays that small: whoever
   * else uses descriptors in this process, sockets above all, needs them as well.
   */
  #openFreeing(path: string, mode: 'read' | 'write' | 'create'): FileHandle {
    for (;;) {
      try {
        return this.#fileSystem.open(path, mode);
      } catch (error) {
        const isFull = error instanceof FileSystemError && error.code === 'too-many-open-files';
        if (!isFull || this.#oldest === null) throw error;
        this.#limit = Math.max(1, this.#size >>> 1);
        do this.#close(this.#oldest);
        while (this.#size >= this.#limit && this.#oldest !== null);
      }
    }
  }

  #close(open: OpenFile): void {
    this.#unlink(open);
    this.#size--;
    open.owner.delete(open.file);
    open.handle.close();
  }

  #append(open: OpenFile): void {
    open.previous = this.#newest;
    open.next = null;
    if (this.#newest === null) this.#oldest = open;
    else this.#newest.next = open;
    this.#newest = open;
  }

  #unlink(open: OpenFile): void {
    if (open.previous === null) this.#oldest = open.next;
    else open.previous.next = open.next;
    if (open.next === null) this.#newest = open.previous;
    else open.next.previous = open.previous;
  }
}
