/**
 * Owns the sync of one file of a storage, open or not, and its stamp afterwards.
 *
 * A file that was closed since it was written is opened again rather than synced at each close: a download of
 * many small files would wait for the device at each of them. The system keeps the error of a write that
 * failed in between for whoever syncs first.
 */
import { FileSystemError } from '../ports/file-system.ts';
import { PLACE_NONE } from './file-table.ts';
import { PARTS_KEY, type PartsFile } from './parts-file.ts';
import type { StoredFiles } from './stored-files.ts';

/** A sync itself failed: data may be lost. The cause is the `FileSystemError`. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  override readonly cause: FileSystemError;

  constructor(cause: FileSystemError) {
    super(cause.message);
    this.cause = cause;
  }
}

export class FileSync {
  readonly #files: StoredFiles;
  readonly #parts: PartsFile;

  constructor(files: StoredFiles, parts: PartsFile) {
    this.#files = files;
    this.#parts = parts;
  }

  /**
   * Stamps `file`, an entry of the stamp table, after making durable what is written of it if `sync`; true
   * when that went to the device. Throws {@link SyncError}, and `FileSystemError` where it did not get as far
   * as the sync.
   */
  settle(file: number, sync: boolean): boolean {
    const { fileSystem, spec, stamps, table } = this.#files;
    const isParts = file === stamps.parts;
    if (isParts ? !this.#parts.exists : table.place[file] === PLACE_NONE) {
      stamps.onRemoved(file);
      return false;
    }
    const path = isParts ? this.#files.names.parts : this.#files.currentPath(file);
    // Nothing is claimed of an empty file.
    const wasSynced = sync && stamps.isUnsynced(file) && (isParts || spec.files[file]!.length > 0);
    if (wasSynced) {
      if (stamps.isUnstamped(file)) this.#sync(file, path, 'write');
      else this.#syncFound(file, path);
    }
    if (stamps.isUnstamped(file)) {
      const status = fileSystem.status(path);
      // Another length than ours: somebody changed it behind our back, and nothing in it is vouched for.
      const isOurs = isParts || status?.length === table.storedLength[file];
      stamps.stamp(file, isOurs && status?.kind === 'file' ? status : null);
    }
    if (sync) stamps.onSynced(file);
    return wasSynced;
  }

  /**
   * A file that a check found good, and that this storage did not write. It may be read-only, and some
   * systems sync only what is open for writing. What can be neither was not written by us, and what is gone
   * is not vouched for.
   */
  #syncFound(file: number, path: string): void {
    try {
      try {
        this.#sync(file, path, 'read');
      } catch (error) {
        const cause = error instanceof SyncError ? error.cause : error;
        if (!isRefusal(cause)) throw error;
        this.#sync(file, path, 'write');
      }
    } catch (error) {
      if (error instanceof FileSystemError && error.code === 'not-found')
        this.#files.stamps.stamp(file, null);
      else if (!isRefusal(error)) throw error;
    }
  }

  #sync(file: number, path: string, mode: 'read' | 'write'): void {
    const { open, pool, stamps } = this.#files;
    const key = file === stamps.parts ? PARTS_KEY : file;
    const found = pool.find(open, key, mode === 'write');
    const handle = found ?? pool.open(open, key, path, mode);
    try {
      handle.sync();
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      if (!(mode === 'read' && isRefusal(error))) stamps.onSyncFailed(file);
      throw new SyncError(error);
    }
    if (found === null) pool.close(open, key);
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof FileSystemError && (error.code === 'access-denied' || error.code === 'read-only');
}
